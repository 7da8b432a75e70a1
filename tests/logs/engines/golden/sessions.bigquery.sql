WITH `events` AS (
SELECT
  CAST(`user_id` AS INT64) AS `user_id`,
  UNIX_MICROS(TIMESTAMP(`at`)) AS `__at`,
  CAST(`what` AS STRING) AS `what`,
  CAST(`item` AS STRING) AS `item`,
  IF(IS_NAN(CAST(`price` AS FLOAT64)), NULL, CAST(`price` AS FLOAT64) + 0.0) AS `price`
FROM `shop`.`events`
),
`timed` AS (
SELECT
  `t0`.`user_id`,
  `t0`.`__at`,
  `t0`.`what`,
  `t0`.`item`,
  `t0`.`price`,
  `t0`.`__at` - (
    MOD((
      MOD(`t0`.`__at`, 86400000000)
    ) + 86400000000, 86400000000)
  ) AS `__day`
FROM `events` AS `t0`
WHERE
  `t0`.`user_id` IS NOT NULL AND `t0`.`__at` IS NOT NULL
),
`single` AS (
SELECT DISTINCT
  *
FROM `timed` AS `t0`
),
`busy_days` AS (
SELECT
  `t0`.`user_id`,
  `t0`.`__day`,
  COUNT(*) AS `__number`
FROM `single` AS `t0`
GROUP BY
  1,
  2
),
`worst_days` AS (
SELECT
  `t0`.`user_id`,
  MAX(`t0`.`__number`) AS `__number`
FROM `busy_days` AS `t0`
GROUP BY
  1
),
`calm` AS (
SELECT
  `t0`.`user_id`
FROM `worst_days` AS `t0`
WHERE
  `t0`.`__number` <= 1000
),
`people` AS (
SELECT
  `t2`.`user_id`,
  `t2`.`__at`,
  `t2`.`what`,
  `t2`.`item`,
  `t2`.`price`,
  `t2`.`__day`
FROM `single` AS `t2`
WHERE
  EXISTS(
    SELECT
      1
    FROM `calm` AS `t3`
    WHERE
      `t2`.`user_id` = `t3`.`user_id`
  )
),
`gaps` AS (
SELECT
  `t0`.`user_id`,
  `t0`.`__at`,
  `t0`.`what`,
  `t0`.`item`,
  `t0`.`price`,
  `t0`.`__day`,
  CAST(IF(
    (
      `t0`.`__at` - LAG(`t0`.`__at`) OVER (PARTITION BY `t0`.`user_id` ORDER BY `t0`.`__at` ASC)
    ) > 1800000000,
    1,
    0
  ) AS INT64) AS `__new`
FROM `people` AS `t0`
),
`sessions` AS (
SELECT
  `t1`.`user_id`,
  `t1`.`__at`,
  `t1`.`what`,
  `t1`.`item`,
  `t1`.`price`,
  `t1`.`__day`,
  `t1`.`__session`
FROM (
  SELECT
    `t0`.`user_id`,
    `t0`.`__at`,
    `t0`.`what`,
    `t0`.`item`,
    `t0`.`price`,
    `t0`.`__day`,
    `t0`.`__new`,
    SUM(`t0`.`__new`) OVER (
      PARTITION BY `t0`.`user_id`
      ORDER BY `t0`.`__at` ASC
      RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) + 1 AS `__session`
  FROM `gaps` AS `t0`
) AS `t1`
),
`units` AS (
SELECT
  `t2`.`user_id`,
  `t2`.`__session`,
  `t2`.`__own` AS `__anchor`,
  `t2`.`__own` IS NOT NULL AS `__exposed`
FROM (
  SELECT
    `t1`.`user_id`,
    `t1`.`__session`,
    MIN(`t1`.`__at`) AS `__first`,
    MIN(`t1`.`__at`) AS `__own`
  FROM (
    SELECT
      *
    FROM `sessions` AS `t0`
    WHERE
      `t0`.`user_id` IS NOT NULL AND `t0`.`__session` IS NOT NULL
  ) AS `t1`
  GROUP BY
    1,
    2
) AS `t2`
),
`kept` AS (
SELECT
  *
FROM `units` AS `t0`
WHERE
  `t0`.`__anchor` IS NOT NULL
  AND (
    `t0`.`__anchor` + 86400000000
  ) <= (
    SELECT
      MAX(`t1`.`__at`) AS `Max___at`
    FROM `timed` AS `t1`
  )
),
`user_ends` AS (
SELECT
  `t9`.`__unit_0` AS `user_id`,
  `t9`.`__unit_1` AS `__session`,
  `t9`.`__anchor`,
  `t9`.`__running_0_0`,
  `t9`.`__running_0_1`
FROM (
  SELECT
    `t8`.`__unit_0`,
    `t8`.`__unit_1`,
    `t8`.`__anchor`,
    MAX(IF(`t8`.`__end` = 0, `t8`.`__running_0`, NULL)) AS `__running_0_0`,
    MAX(IF(`t8`.`__end` = 1, `t8`.`__running_0`, NULL)) AS `__running_0_1`
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t6`.`__unit_0`,
        `t6`.`__unit_1`,
        `t6`.`__anchor`,
        `t6`.`__end`,
        SUM(`t6`.`__running_0`) OVER (
          PARTITION BY `t6`.`user_id`
          ORDER BY `t6`.`__t` ASC, `t6`.`__order` ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS `__running_0`
      FROM (
        SELECT
          *
        FROM (
          SELECT
            `t0`.`user_id`,
            `t0`.`__anchor` + -2419200000000 AS `__t`,
            0 AS `__order`,
            1 AS `__end`,
            `t0`.`__anchor`,
            `t0`.`user_id` AS `__unit_0`,
            `t0`.`__session` AS `__unit_1`,
            CAST(NULL AS INT64) AS `__running_0`
          FROM `kept` AS `t0`
        ) AS `t3`
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            *
          FROM (
            SELECT
              `t1`.`user_id`,
              `t1`.`__at` AS `__t`,
              1 AS `__order`,
              CAST(NULL AS INT64) AS `__end`,
              CAST(NULL AS INT64) AS `__anchor`,
              CAST(NULL AS INT64) AS `__unit_0`,
              CAST(NULL AS INT64) AS `__unit_1`,
              1 AS `__running_0`
            FROM `sessions` AS `t1`
          ) AS `t2`
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              `t0`.`user_id`,
              `t0`.`__anchor` + 0 AS `__t`,
              0 AS `__order`,
              0 AS `__end`,
              `t0`.`__anchor`,
              `t0`.`user_id` AS `__unit_0`,
              `t0`.`__session` AS `__unit_1`,
              CAST(NULL AS INT64) AS `__running_0`
            FROM `kept` AS `t0`
          ) AS `t4`
        ) AS `t5`
      ) AS `t6`
    ) AS `t7`
    WHERE
      `t7`.`__end` IS NOT NULL
  ) AS `t8`
  GROUP BY
    1,
    2,
    3
) AS `t9`
),
`user_pieces` AS (
SELECT
  `t0`.`user_id`,
  `t0`.`__session`,
  COALESCE(`t0`.`__running_0_0`, 0) - COALESCE(`t0`.`__running_0_1`, 0) AS `__user_0`
FROM `user_ends` AS `t0`
),
`unit_pieces` AS (
SELECT
  `t5`.`user_id`,
  `t5`.`__session`,
  COUNTIF(
    (
      (
        `t5`.`__at` - `t5`.`__anchor`
      ) >= 0
    )
    AND (
      (
        `t5`.`__at` - `t5`.`__anchor`
      ) < 86400000000
    )
    AND `t5`.`what` IN ('buy')
  ) AS `__unit_0`
FROM (
  SELECT
    `t4`.`user_id`,
    `t4`.`__session`,
    `t4`.`__anchor`,
    `t2`.`__at`,
    `t2`.`what`,
    `t2`.`item`,
    `t2`.`price`,
    `t2`.`__day`
  FROM (
    SELECT
      `t0`.`user_id`,
      `t0`.`__session`,
      `t0`.`__anchor`
    FROM `kept` AS `t0`
  ) AS `t4`
  INNER JOIN `sessions` AS `t2`
    ON `t4`.`user_id` = `t2`.`user_id` AND `t4`.`__session` = `t2`.`__session`
) AS `t5`
GROUP BY
  1,
  2
)
SELECT
  `t6`.`user_id`,
  `t6`.`__session` AS `session`,
  `t6`.`__anchor` AS `anchor`,
  `t6`.`__user_0` AS `n`,
  CAST(IF(`t6`.`__unit_0` > 0, 1, 0) AS INT64) AS `buys`
FROM (
  SELECT
    `t3`.`user_id`,
    `t3`.`__session`,
    `t3`.`__anchor`,
    `t3`.`__exposed`,
    `t4`.`__user_0`,
    `t5`.`__unit_0`
  FROM `kept` AS `t3`
  INNER JOIN `user_pieces` AS `t4`
    ON `t3`.`user_id` = `t4`.`user_id` AND `t3`.`__session` = `t4`.`__session`
  INNER JOIN `unit_pieces` AS `t5`
    ON `t3`.`user_id` = `t5`.`user_id` AND `t3`.`__session` = `t5`.`__session`
) AS `t6`
ORDER BY
  `t6`.`user_id` ASC NULLS LAST,
  `t6`.`__session` ASC NULLS LAST
