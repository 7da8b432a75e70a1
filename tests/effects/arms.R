# Makes arms.json: least squares with HC2 and all pairs at once (sandwich, multcomp), weighting by multinomial chances
# (nnet), and doubly robust, on MatchIt's lalonde with race as the treatment. Run from the repository's top:
# Rscript tests/effects/arms.R > tests/effects/arms.json
suppressMessages({library(MatchIt); library(sandwich); library(multcomp); library(nnet)})
data("lalonde", package = "MatchIt")
set.seed(1)
d <- lalonde
fit <- lm(re78 ~ race + age + educ + re74, data = d)
K <- rbind("hispan - black" = c(0, 1, 0, 0, 0, 0), "white - black" = c(0, 0, 1, 0, 0, 0),
           "white - hispan" = c(0, -1, 1, 0, 0, 0))
joint <- glht(parm(coef(fit), vcovHC(fit, "HC2")), linfct = K)
ci <- confint(joint, level = 0.95)$confint
single <- summary(joint, test = adjusted("single-step"))$test
holm <- summary(joint, test = adjusted("holm"))$test
pairs <- sapply(1:3, function(i) sprintf(
  '    {"pair": "%s", "effect": %.12g, "std_error": %.12g, "joint_low": %.12g, "joint_high": %.12g, "joint_p": %.8g, "holm_p": %.12g}',
  rownames(K)[i], ci[i, "Estimate"], single$sigma[i], ci[i, "lwr"], ci[i, "upr"], single$pvalues[i], holm$pvalues[i]))
chance <- predict(multinom(race ~ age + educ + re74, data = d, maxit = 5000, reltol = 1e-16, abstol = 1e-16, trace = FALSE),
                  type = "probs")
arms <- sapply(levels(d$race), function(arm) {
  weight <- (d$race == arm) / chance[, arm]
  predicted <- predict(lm(re78 ~ age + educ + re74, data = d[d$race == arm, ]), newdata = d)
  sprintf('    {"arm": "%s", "weighting": %.10g, "standardisation": %.12g, "doubly_robust": %.10g}', arm,
          sum(weight * d$re78) / sum(weight), mean(predicted), mean(predicted + weight * (d$re78 - predicted)))
})
cat('{\n  "pairs": [\n', paste(pairs, collapse = ",\n"), '\n  ],\n  "arms": [\n', paste(arms, collapse = ",\n"),
    "\n  ]\n}\n", sep = "")
