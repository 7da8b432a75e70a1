# Makes matching.json: matches on LaLonde's data by R's Matching and MatchIt. R 4.2.2, Matching 4.10-8, MatchIt 4.5.1,
# sandwich 3.0-2. Run: Rscript matching.R > matching.json
#
# Matching takes distances within `distance.tolerance` of each other for ties (1e-5 of the squared distance by default);
# 1e-20 leaves exact ties only. With a caliper it drops units with fewer matches than asked for, and its documentation
# does not say what its error is then (1 % below the formula's), so that one neighbour's estimate alone is kept. MatchIt 4.5.1's search along the propensity passes over nearer controls (6 of 185 here),
# and drops `caliper`: so it is given the matrix of distances, with the rows in the order in which units choose.
suppressMessages({library(Matching); library(MatchIt); library(sandwich)})
data("lalonde", package = "MatchIt")
formula <- treat ~ age + educ + race + married + nodegree + re74 + re75
columns <- model.matrix(formula, lalonde)[, -1]
score <- glm(formula, binomial, lalonde, control = list(epsilon = 1e-14))$fitted
rows <- list()
keep <- function(package, options, effect, std_error)
  rows[[length(rows) + 1]] <<- list(package = package, options = options, effect = effect, std_error = std_error)

matching <- function(options, x, estimand, neighbours, spread, ...) {
  found <- Match(lalonde$re78, lalonde$treat, x, estimand = estimand, M = neighbours, Var.calc = spread,
                 distance.tolerance = 1e-20, ...)
  target <- c(ATE = "everyone", ATT = "treated", ATC = "untreated")[[estimand]]
  std_error <- if (is.null(options$caliper)) found$se else "unknown"
  keep("Matching", c(options, list(target = target, neighbours = neighbours)), found$est[1], std_error)
}
for (estimand in c("ATE", "ATT", "ATC")) for (neighbours in c(1, 3)) {
  matching(list(nuisance = "known"), score, estimand, neighbours, 1)
  matching(list(distance = "mahalanobis"), columns, estimand, neighbours, 2, Weight = 2)
  matching(list(distance = "mahalanobis", bias_adjustment = "all"), columns, estimand, neighbours, 2, Weight = 2,
           BiasAdjust = TRUE)
  if (neighbours == 1) matching(list(nuisance = "known", caliper = 0.1), score, estimand, 1, 1, caliper = 0.1)
}
equal <- colnames(columns) %in% c("married", "nodegree")
matching(list(distance = "mahalanobis", exact = list("married", "nodegree")), columns, "ATT", 1, 2, Weight = 2,
         exact = equal)

pairs <- function(options, distances, order = seq_len(nrow(lalonde)), ratio = 1, ...) {
  frame <- lalonde[order, ]
  found <- match.data(matchit(formula, frame, distance = distances[order, order], m.order = "data", ratio = ratio, ...),
                      data = frame)
  fitted <- lm(re78 ~ treat, data = found, weights = weights)
  keep("MatchIt", c(options, list(target = "treated", replacement = FALSE, neighbours = ratio)), coef(fitted)[["treat"]],
       sqrt(vcovCL(fitted, ~ subclass, type = "HC0", cadjust = TRUE)["treat", "treat"]))
}
apart <- as.matrix(dist(round(score, 12)))
dimnames(apart) <- NULL
whitened <- columns %*% t(chol(solve(cov(columns))))
for (ratio in 1:2) {
  pairs(list(order = "largest"), apart, order(-round(score, 12)), ratio)
  pairs(list(order = "smallest"), apart, order(round(score, 12)), ratio)
  pairs(list(order = "table"), apart, ratio = ratio)
  pairs(list(order = "table", distance = "mahalanobis"), round(as.matrix(dist(whitened)), 10), ratio = ratio)
}
pairs(list(order = "table", exact = list("married")), apart, exact = ~ married)

write_json <- function(x) {
  if (is.null(names(x)) && is.list(x)) return(paste0("[", paste(sapply(x, write_json), collapse = ", "), "]"))
  if (is.list(x)) return(paste0("{", paste0('"', names(x), '": ', sapply(x, write_json), collapse = ", "), "}"))
  if (is.character(x)) return(paste0('"', x, '"'))
  if (is.logical(x)) return(tolower(x))
  format(x, digits = 12)
}
cat("[\n", paste0("  ", sapply(rows, write_json), collapse = ",\n"), "\n]\n", sep = "")
