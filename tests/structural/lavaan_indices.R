# Makes lavaan_indices.json: Rscript tests/structural/lavaan_indices.R (lavaan 0.6, jsonlite).
# Modification indices of fixed coefficients, of exogenous columns and of a model of higher order.
# Real data enter as moments only (HolzingerSwineford1939, from lavaan); where rows matter, they are simulated here.
suppressMessages({library(lavaan); library(jsonlite)})

rows <- function(data) list(names = names(data), rows = unname(as.matrix(data)))
moments <- function(data, names) {
  x <- as.matrix(data[, names])
  each <- list(n = nrow(x), mean = unname(colMeans(x)), covariance = unname(cov(x) * (nrow(x) - 1) / nrow(x)))
  list(names = names, moments = list(each))
}
indices <- function(fit) modindices(fit)[, c("lhs", "op", "rhs", "mi", "epc")]

set.seed(7)
n <- 300
z1 <- rnorm(n); z2 <- 0.5 * z1 + rnorm(n)
x1 <- 0.6 * z1 + rexp(n) - 1; x2 <- 0.5 * z2 + rnorm(n)
y <- 0.5 * x1 + 0.3 * x2 + rt(n, 6); w <- 0.4 * y + 0.3 * x1 + rnorm(n)
paths <- round(data.frame(z1, z2, x1, x2, y, w), 4)
exogenous <- '
  x1 ~ z1
  x2 ~ z2
  y ~ x1 + x2
  w ~ b*y + x1
'
zeros <- '
  f =~ x1 + x2 + x3
  g =~ x4 + x5 + x6
  f ~~ 0*g
  f ~ 0*ageyr
  x9 ~ f + 0*x8
'
higher <- '
  visual =~ x1 + x2 + x3
  textual =~ x4 + x5 + x6
  speed =~ x7 + x8 + x9
  g =~ NA*visual + textual + speed
  g ~~ 1*g
'
hs <- HolzingerSwineford1939
zero_names <- c("x1", "x2", "x3", "x4", "x5", "x6", "x9", "x8", "ageyr")
found <- list(
  exogenous = c(list(model = exogenous), rows(paths), list(indices = indices(sem(exogenous, paths)))),
  zeros = c(list(model = zeros), moments(hs, zero_names), list(indices = indices(sem(zeros, hs)))),
  higher = c(list(model = higher), moments(hs, paste0("x", 1:9)), list(indices = indices(cfa(higher, hs))))
)

write(toJSON(found, digits = 12, auto_unbox = TRUE, na = "null", pretty = FALSE), "tests/structural/lavaan_indices.json")
