# Coarsened exact matching by R's MatchIt, and the HC2 error of weighted least squares by sandwich.
# Run: Rscript tests/estimators/golden/coarsened_matching.R > tests/estimators/golden/coarsened_matching.json
suppressMessages({library(MatchIt); library(sandwich)})
data(lalonde)
formula <- treat ~ age + educ + race + married + nodegree + re74 + re75
rules <- list(
  sturges = "sturges",
  scott = "scott",
  own = list(age = c(20.5, 25.5, 35.5), educ = c(8.5, 11.5), re74 = c(1, 5000), re75 = c(1, 5000))
)
rows <- c()
for (rule in names(rules)) for (target in c("ATT", "ATC", "ATE")) {
  matched <- suppressWarnings(matchit(formula, data = lalonde, method = "cem", estimand = target, cutpoints = rules[[rule]]))
  kept <- cbind(lalonde, weight = matched$weights)[matched$weights > 0, ]
  fitted <- lm(re78 ~ treat, data = kept, weights = weight)
  control <- kept$weight[kept$treat == 0]
  rows <- c(rows, sprintf(
    '  {"rule": "%s", "target": "%s", "effect": %.10f, "std_error": %.10f, "control": %d, "treated": %d, "effective_control": %.10f}',
    rule, target, coef(fitted)[["treat"]], sqrt(vcovHC(fitted, "HC2")["treat", "treat"]),
    length(control), sum(kept$treat), sum(control)^2 / sum(control^2)
  ))
}
cat(sprintf('{"made_by": "R %s, MatchIt %s, sandwich %s", "rows": [\n%s\n]}\n', getRversion(), packageVersion("MatchIt"),
            packageVersion("sandwich"), paste(rows, collapse = ",\n")))
