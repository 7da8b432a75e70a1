WITH "events" AS (
SELECT
  CAST("user_id" AS BIGINT) AS "user_id",
  DATE_PART(EPOCH_MICROSECOND, "at") AS "__at",
  CAST("what" AS VARCHAR) AS "what",
  CAST("item" AS VARCHAR) AS "item",
  NULLIF(CAST("price" AS DOUBLE), CAST('NaN' AS DOUBLE)) + CAST(0 AS DOUBLE) AS "price"
FROM "shop"."events"
),
"timed" AS (
SELECT
  *
FROM "events" AS "t0"
WHERE
  "t0"."user_id" IS NOT NULL AND "t0"."__at" IS NOT NULL
),
"units" AS (
SELECT
  "t1"."user_id",
  "t1"."__at",
  "t1"."what",
  "t1"."item",
  "t1"."price",
  ROW_NUMBER() OVER (
    ORDER BY "t1"."__at" IS NULL ASC, "t1"."__at" ASC, "t1"."user_id" IS NULL ASC, "t1"."user_id" ASC, "t1"."item" IS NULL ASC, "t1"."item" ASC, "t1"."what" IS NULL ASC, "t1"."what" ASC, "t1"."price" IS NULL ASC, "t1"."price" ASC
  ) - 1 AS "__row",
  "t1"."__at" AS "__anchor",
  TRUE AS "__exposed"
FROM (
  SELECT
    *
  FROM "timed" AS "t0"
  WHERE
    "t0"."user_id" IS NOT NULL
    AND "t0"."item" IS NOT NULL
    AND "t0"."what" IN ('shown')
) AS "t1"
),
"kept" AS (
SELECT
  *
FROM "units" AS "t0"
WHERE
  "t0"."__anchor" IS NOT NULL
  AND (
    "t0"."__anchor" + 86400000000
  ) <= (
    SELECT
      MAX("t1"."__at") AS "Max(__at)"
    FROM "timed" AS "t1"
  )
),
"user_ends" AS (
SELECT
  "t15"."__unit_0" AS "__row",
  "t15"."__anchor",
  "t15"."__running_0_0",
  "t15"."__running_0_1",
  "t15"."__running_0_2",
  "t15"."__running_1_0",
  "t15"."__running_1_1",
  "t15"."__running_1_2",
  "t15"."__running_2_0",
  "t15"."__running_2_1",
  "t15"."__running_2_2",
  "t15"."__running_3_0",
  "t15"."__running_3_1",
  "t15"."__running_3_2",
  "t15"."__running_4_0",
  "t15"."__running_4_1",
  "t15"."__running_4_2",
  "t15"."__running_5_0",
  "t15"."__running_5_1",
  "t15"."__running_5_2"
FROM (
  SELECT
    "t14"."__unit_0",
    "t14"."__anchor",
    MAX(IFF("t14"."__end" = 0, "t14"."__running_0", NULL)) AS "__running_0_0",
    MAX(IFF("t14"."__end" = 1, "t14"."__running_0", NULL)) AS "__running_0_1",
    MAX(IFF("t14"."__end" = 2, "t14"."__running_0", NULL)) AS "__running_0_2",
    MAX(IFF("t14"."__end" = 0, "t14"."__running_1", NULL)) AS "__running_1_0",
    MAX(IFF("t14"."__end" = 1, "t14"."__running_1", NULL)) AS "__running_1_1",
    MAX(IFF("t14"."__end" = 2, "t14"."__running_1", NULL)) AS "__running_1_2",
    MAX(IFF("t14"."__end" = 0, "t14"."__running_2", NULL)) AS "__running_2_0",
    MAX(IFF("t14"."__end" = 1, "t14"."__running_2", NULL)) AS "__running_2_1",
    MAX(IFF("t14"."__end" = 2, "t14"."__running_2", NULL)) AS "__running_2_2",
    MAX(IFF("t14"."__end" = 0, "t14"."__running_3", NULL)) AS "__running_3_0",
    MAX(IFF("t14"."__end" = 1, "t14"."__running_3", NULL)) AS "__running_3_1",
    MAX(IFF("t14"."__end" = 2, "t14"."__running_3", NULL)) AS "__running_3_2",
    MAX(IFF("t14"."__end" = 0, "t14"."__running_4", NULL)) AS "__running_4_0",
    MAX(IFF("t14"."__end" = 1, "t14"."__running_4", NULL)) AS "__running_4_1",
    MAX(IFF("t14"."__end" = 2, "t14"."__running_4", NULL)) AS "__running_4_2",
    MAX(IFF("t14"."__end" = 0, "t14"."__running_5", NULL)) AS "__running_5_0",
    MAX(IFF("t14"."__end" = 1, "t14"."__running_5", NULL)) AS "__running_5_1",
    MAX(IFF("t14"."__end" = 2, "t14"."__running_5", NULL)) AS "__running_5_2"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t12"."__unit_0",
        "t12"."__anchor",
        "t12"."__end",
        SUM("t12"."__running_0") OVER (
          PARTITION BY "t12"."user_id"
          ORDER BY "t12"."__t" ASC, "t12"."__order" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS "__running_0",
        SUM("t12"."__running_1") OVER (
          PARTITION BY "t12"."user_id"
          ORDER BY "t12"."__t" ASC, "t12"."__order" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS "__running_1",
        MAX("t12"."__running_2") OVER (
          PARTITION BY "t12"."user_id"
          ORDER BY "t12"."__t" ASC, "t12"."__order" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS "__running_2",
        SUM("t12"."__running_3") OVER (
          PARTITION BY "t12"."user_id"
          ORDER BY "t12"."__t" ASC, "t12"."__order" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS "__running_3",
        SUM("t12"."__running_4") OVER (
          PARTITION BY "t12"."user_id"
          ORDER BY "t12"."__t" ASC, "t12"."__order" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS "__running_4",
        SUM("t12"."__running_5") OVER (
          PARTITION BY "t12"."user_id"
          ORDER BY "t12"."__t" ASC, "t12"."__order" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS "__running_5"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t0"."user_id",
              "t0"."__anchor" + -172800000000 AS "__t",
              0 AS "__order",
              0 AS "__end",
              "t0"."__anchor",
              "t0"."__row" AS "__unit_0",
              CAST(NULL AS BIGINT) AS "__running_0",
              CAST(NULL AS BIGINT) AS "__running_1",
              CAST(NULL AS BIGINT) AS "__running_2",
              CAST(NULL AS BIGINT) AS "__running_3",
              CAST(NULL AS DECIMAL(38, 0)) AS "__running_4",
              CAST(NULL AS DECIMAL(38, 0)) AS "__running_5"
            FROM "kept" AS "t0"
          ) AS "t2"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t0"."user_id",
              "t0"."__anchor" + 0 AS "__t",
              0 AS "__order",
              1 AS "__end",
              "t0"."__anchor",
              "t0"."__row" AS "__unit_0",
              CAST(NULL AS BIGINT) AS "__running_0",
              CAST(NULL AS BIGINT) AS "__running_1",
              CAST(NULL AS BIGINT) AS "__running_2",
              CAST(NULL AS BIGINT) AS "__running_3",
              CAST(NULL AS DECIMAL(38, 0)) AS "__running_4",
              CAST(NULL AS DECIMAL(38, 0)) AS "__running_5"
            FROM "kept" AS "t0"
          ) AS "t3"
        ) AS "t6"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t0"."user_id",
              "t0"."__anchor" + 86400000000 AS "__t",
              0 AS "__order",
              2 AS "__end",
              "t0"."__anchor",
              "t0"."__row" AS "__unit_0",
              CAST(NULL AS BIGINT) AS "__running_0",
              CAST(NULL AS BIGINT) AS "__running_1",
              CAST(NULL AS BIGINT) AS "__running_2",
              CAST(NULL AS BIGINT) AS "__running_3",
              CAST(NULL AS DECIMAL(38, 0)) AS "__running_4",
              CAST(NULL AS DECIMAL(38, 0)) AS "__running_5"
            FROM "kept" AS "t0"
          ) AS "t4"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t1"."user_id",
                "t1"."__at" AS "__t",
                1 AS "__order",
                CAST(NULL AS BIGINT) AS "__end",
                CAST(NULL AS BIGINT) AS "__anchor",
                CAST(NULL AS BIGINT) AS "__unit_0",
                CAST(NULL AS BIGINT) AS "__running_0",
                IFF("t1"."item" IS NOT NULL, 1, CAST(NULL AS BIGINT)) AS "__running_1",
                IFF("t1"."price" IS NOT NULL, "t1"."__at", CAST(NULL AS BIGINT)) AS "__running_2",
                IFF(ABS("t1"."price") < 4.611686018427388e+18, 1, CAST(NULL AS BIGINT)) AS "__running_3",
                IFF(
                  ABS("t1"."price") < 4.611686018427388e+18,
                  CAST(IFF(
                    IFF(ABS("t1"."price") < 4.611686018427388e+18, "t1"."price", 0.0) < 0,
                    CAST(CEIL(IFF(ABS("t1"."price") < 4.611686018427388e+18, "t1"."price", 0.0)) AS BIGINT),
                    CAST(FLOOR(IFF(ABS("t1"."price") < 4.611686018427388e+18, "t1"."price", 0.0)) AS BIGINT)
                  ) AS DECIMAL(38, 0)),
                  CAST(NULL AS DECIMAL(38, 0))
                ) AS "__running_4",
                IFF(
                  ABS("t1"."price") < 4.611686018427388e+18,
                  CAST(CAST((
                    IFF(ABS("t1"."price") < 4.611686018427388e+18, "t1"."price", 0.0) - CAST(IFF(
                      IFF(ABS("t1"."price") < 4.611686018427388e+18, "t1"."price", 0.0) < 0,
                      CAST(CEIL(IFF(ABS("t1"."price") < 4.611686018427388e+18, "t1"."price", 0.0)) AS BIGINT),
                      CAST(FLOOR(IFF(ABS("t1"."price") < 4.611686018427388e+18, "t1"."price", 0.0)) AS BIGINT)
                    ) AS DOUBLE)
                  ) / 2.168404344971009e-19 AS BIGINT) AS DECIMAL(38, 0)),
                  CAST(NULL AS DECIMAL(38, 0))
                ) AS "__running_5"
              FROM "timed" AS "t1"
            ) AS "t9"
            UNION ALL
            SELECT
              *
            FROM (
              SELECT
                "t7"."user_id",
                IFF(
                  COALESCE("t7"."__before", -4611686018427387904) > (
                    "t7"."__at" - 172800000000
                  ),
                  COALESCE("t7"."__before", -4611686018427387904),
                  "t7"."__at" - 172800000000
                ) AS "__t",
                1 AS "__order",
                CAST(NULL AS BIGINT) AS "__end",
                CAST(NULL AS BIGINT) AS "__anchor",
                CAST(NULL AS BIGINT) AS "__unit_0",
                1 AS "__running_0",
                CAST(NULL AS BIGINT) AS "__running_1",
                CAST(NULL AS BIGINT) AS "__running_2",
                CAST(NULL AS BIGINT) AS "__running_3",
                CAST(NULL AS DECIMAL(38, 0)) AS "__running_4",
                CAST(NULL AS DECIMAL(38, 0)) AS "__running_5"
              FROM (
                SELECT
                  "t5"."user_id",
                  "t5"."__at",
                  "t5"."what",
                  "t5"."item",
                  "t5"."price",
                  LAG("t5"."__at") OVER (PARTITION BY "t5"."user_id", "t5"."item" ORDER BY "t5"."__at" ASC) AS "__before"
                FROM (
                  SELECT
                    *
                  FROM "timed" AS "t1"
                  WHERE
                    "t1"."item" IS NOT NULL
                ) AS "t5"
              ) AS "t7"
            ) AS "t8"
          ) AS "t10"
        ) AS "t11"
      ) AS "t12"
    ) AS "t13"
    WHERE
      "t13"."__end" IS NOT NULL
  ) AS "t14"
  GROUP BY
    1,
    2
) AS "t15"
),
"user_pieces" AS (
SELECT
  "t0"."__row",
  COALESCE("t0"."__running_0_0", 0) - COALESCE("t0"."__running_1_0", 0) AS "__user_0",
  "t0"."__running_2_1" AS "__user_1",
  COALESCE("t0"."__running_3_2", 0) - COALESCE("t0"."__running_3_1", 0) AS "__user_2",
  COALESCE("t0"."__running_4_2", 0) - COALESCE("t0"."__running_4_1", 0) AS "__user_3",
  COALESCE("t0"."__running_5_2", 0) - COALESCE("t0"."__running_5_1", 0) AS "__user_4"
FROM "user_ends" AS "t0"
),
"found__user_1" AS (
SELECT
  "t1"."user_id" AS "__with_0",
  "t1"."__at",
  MAX("t1"."price") AS "__found"
FROM (
  SELECT
    *
  FROM "timed" AS "t0"
  WHERE
    "t0"."price" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2
)
SELECT
  "t6"."user_id",
  "t6"."item",
  "t6"."__anchor" AS "anchor",
  "t6"."__user_0" AS "items",
  "t6"."__user_1" AS "last",
  (
    COALESCE(CAST("t6"."__user_3" AS DOUBLE), 0.0) + (
      COALESCE(CAST("t6"."__user_4" AS DOUBLE), 0.0) * 2.168404344971009e-19
    )
  ) / CAST(NULLIF("t6"."__user_2", 0) AS DOUBLE) AS "mean"
FROM (
  SELECT
    "t3"."user_id",
    "t3"."__at",
    "t3"."what",
    "t3"."item",
    "t3"."price",
    "t3"."__row",
    "t3"."__anchor",
    "t3"."__exposed",
    "t4"."__user_0",
    "t4"."__user_2",
    "t4"."__user_3",
    "t4"."__user_4",
    "t5"."__found" AS "__user_1"
  FROM "kept" AS "t3"
  INNER JOIN "user_pieces" AS "t4"
    ON "t3"."__row" = "t4"."__row"
  LEFT OUTER JOIN "found__user_1" AS "t5"
    ON "t3"."user_id" = "t5"."__with_0" AND "t4"."__user_1" = "t5"."__at"
) AS "t6"
ORDER BY
  "t6"."__row" ASC
