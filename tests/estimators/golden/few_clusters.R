# Makes few_clusters.json: R's clubSandwich (CR2 with Satterthwaite degrees of freedom) on MatchIt's lalonde.
# Run: Rscript tests/estimators/golden/few_clusters.R > tests/estimators/golden/few_clusters.json
suppressMessages({library(clubSandwich); library(MatchIt)})
data("lalonde", package = "MatchIt")
fit <- lm(re78 ~ treat + age + educ + race + married + nodegree + re74 + re75, data = lalonde)
rows <- lapply(c("educ", "age"), function(cluster) {
  test <- coef_test(fit, vcov = "CR2", cluster = lalonde[[cluster]], test = "Satterthwaite")
  own <- test[rownames(test) == "treat", ]
  df <- if ("df_Satt" %in% names(own)) own$df_Satt else own$df
  p <- if ("p_Satt" %in% names(own)) own$p_Satt else own$p
  sprintf('  {"cluster": "%s", "effect": %.12g, "std_error": %.12g, "degrees_of_freedom": %.12g, "p_value": %.12g}',
          cluster, own$beta, own$SE, df, p)
})
cat("[\n", paste(rows, collapse = ",\n"), "\n]\n", sep = "")
