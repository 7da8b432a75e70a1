# Makes ordered_reference.json: Rscript tests/structural/ordered_reference.R (lavaan 0.6, jsonlite).
# HolzingerSwineford1939 (lavaan) enters cut into categories; the other rows are simulated here and written out.
suppressMessages({library(lavaan); library(jsonlite)})

wanted <- c("chisq", "df", "pvalue", "baseline.chisq", "baseline.df", "cfi", "tli", "rmsea", "rmsea.ci.lower",
            "rmsea.ci.upper", "srmr", "chisq.scaled", "pvalue.scaled", "chisq.scaling.factor",
            "baseline.chisq.scaled", "cfi.scaled", "tli.scaled", "rmsea.scaled", "rmsea.ci.lower.scaled",
            "rmsea.ci.upper.scaled")
found <- list()
add <- function(name, model, data, ordered, ..., options = list(), scores = FALSE) {
  fit <- sem(model, data, ordered = ordered, estimator = "WLSMV", ...)
  par <- parameterEstimates(fit, remove.nonfree = FALSE, remove.eq = FALSE)
  std <- standardizedSolution(fit)
  key <- function(each) paste(each$lhs, each$op, each$rhs, each$group)
  par$std <- std$est.std[match(key(par), key(std))]
  par$std.se <- std$se[match(key(par), key(std))]
  if (is.null(par$group)) par$group <- 1
  told <- list(model = model, ordered = as.list(ordered), options = options, names = names(data),
               rows = unname(lapply(seq_len(nrow(data)), function(at) unname(as.list(data[at, ])))),
               fit = as.list(fitMeasures(fit)[wanted]),
               shift = unname(fit@test$scaled.shifted$shift.parameter),
               parameters = par[, intersect(c("lhs", "op", "rhs", "group", "est", "se", "std", "std.se"), names(par))])
  if (lavInspect(fit, "ngroups") > 1) told$labels <- lavInspect(fit, "group.label")
  else {
    told$gamma <- unname(diag(lavTech(fit, "gamma")[[1]]))
    indices <- tryCatch(modindices(fit, op = c("=~", "~~")), error = function(...) NULL)
    if (!is.null(indices)) told$indices <- indices[, c("lhs", "op", "rhs", "mi", "epc")]
    told$r2 <- as.list(lavInspect(fit, "rsquare"))
  }
  if (scores) told$scores <- unname(unclass(lavPredict(fit))[1:8, , drop = FALSE])
  found[[name]] <<- told
  fit
}

abilities <- '
  visual =~ x1 + x2 + x3
  textual =~ x4 + x5 + x6
  speed =~ x7 + x8 + x9
'
hs <- HolzingerSwineford1939
items <- paste0("x", 1:9)
cut_at <- function(x, cuts) as.integer(findInterval(x, quantile(x, cuts))) + 1L
levels <- list(c(.2, .5, .8), c(.3, .7), c(.1, .3, .6, .9), c(.25, .5, .75), c(.4, .7), c(.15, .5, .8),
               c(.2, .4, .6, .8), c(.5, .8), c(.3, .6))
cut <- as.data.frame(Map(function(name, cuts) cut_at(hs[[name]], cuts), items, levels))
add("abilities", abilities, cut, items, scores = TRUE)
mixed <- cut
for (name in c("x1", "x2", "x6", "x9")) mixed[[name]] <- hs[[name]]
add("mixed", abilities, mixed, setdiff(items, c("x1", "x2", "x6", "x9")), scores = TRUE)
cut$school <- as.character(hs$school)
by_school <- cut[order(cut$school), ]
add("abilities by school", abilities, by_school, items, group = "school", options = list(group = "school"))
# With thresholds and loadings equal, scales are free in the second group; three levels at least in each
add("abilities by school, equal", abilities, by_school, items, group = "school",
    group.equal = c("loadings", "thresholds"), options = list(group = "school", equal = list("loadings", "thresholds")))

set.seed(21)
n <- 600
x <- rnorm(n); w <- rbinom(n, 1, .4)
f <- 0.5 * x - 0.4 * w + rnorm(n)
g <- 0.6 * f + 0.3 * x + rnorm(n, sd = .8)
shown <- cbind(f + rnorm(n), .8 * f + rnorm(n), .7 * f + rnorm(n), g + rnorm(n), .9 * g + rnorm(n), .8 * g + rnorm(n))
paths <- as.data.frame(apply(shown, 2, cut_at, cuts = c(.15, .4, .75)))
names(paths) <- letters[1:6]
paths$e <- round(shown[, 5], 3)
paths$y <- cut_at(.5 * g + .3 * f + rnorm(n), c(.3, .7))
paths$x <- round(x, 3)
paths$w <- w
latent <- '
  f =~ a + b + c
  g =~ d + e + f1
  g ~ p*f
  y ~ q*g + f
  through := p*q
'
names(paths)[6] <- "f1"
add("regression", latent, paths[, 1:7], c("a", "b", "c", "d", "f1", "y"))
caused <- '
  f =~ a + b + c
  g =~ d + e + f1
  f ~ x + w
  g ~ f + x
  y ~ g + x
'
add("exogenous", caused, paths, c("a", "b", "c", "d", "f1", "y"))
through <- '
  f =~ a + b + c
  y ~ f
  e ~ y + f
'
mediated <- paths[, c("a", "b", "c", "y", "e")]
add("ordered mediator", through, mediated, c("a", "b", "c", "y"))
# Errors of arrows out of an ordered column: lavaan 0.6-14 is wrong under "delta" (its derivative leaves out that the
# column's residual variance moves), and at odds with itself under "theta", whose standardised errors are right
theta <- standardizedSolution(sem(through, mediated, ordered = c("a", "b", "c", "y"), parameterization = "theta"))
par <- found[["ordered mediator"]]$parameters
key <- function(each) paste(each$lhs, each$op, each$rhs)
par$std.se <- theta$se[match(key(par), key(theta))]
par$se[par$lhs == "e" & par$op != "~1"] <- NA
found[["ordered mediator"]]$parameters <- par

set.seed(23)
n <- 500
f <- rnorm(n)
binary <- as.data.frame(sapply(c(1, .8, .7, .9, .6), function(l) as.integer(l * f + rnorm(n) > runif(1, -.6, .8))))
names(binary) <- paste0("b", 1:5)
add("binary", 'f =~ b1 + b2 + b3 + b4 + b5', binary, names(binary), scores = TRUE)
# The empty cell of a table of two by two gets half a row, margins kept
rare <- binary[1:200, ]
rare$b5 <- as.integer(rare$b5 == 1 & seq_len(200) %% 3 == 0)
rare <- rare[!(rare$b1 == 1 & rare$b5 == 1), ]
add("empty cell", 'f =~ b2 + b1 + b3 + b4 + b5', rare, names(rare))

# Missing values by pairs: each threshold from the rows that have the column, each correlation from those that have both
set.seed(29)
holes <- function(data, share) {
  for (name in names(data)) data[[name]][runif(nrow(data)) < share] <- NA
  data[rowSums(!is.na(data)) > 0, ]
}
pairwise <- list(missing = "pairwise")
some <- holes(cut[, items], .15)
add("abilities, missing", abilities, some, items, missing = "pairwise", options = pairwise, scores = TRUE)
add("mixed, missing", abilities, holes(mixed[, items], .12), setdiff(items, c("x1", "x2", "x6", "x9")),
    missing = "pairwise", options = pairwise)
some$school <- as.character(hs$school)
some <- some[order(some$school), ]
add("abilities by school, missing", abilities, some, items, group = "school", missing = "pairwise",
    options = c(list(group = "school"), pairwise))
# Rows without an exogenous column are left out all the same
given <- cbind(holes(paths[, c("a", "b", "c", "d", "e", "f1", "y")], .1), paths[, c("x", "w")])
given$x[c(3, 50, 99)] <- NA
add("exogenous, missing", caused, given, c("a", "b", "c", "d", "f1", "y"), missing = "pairwise", options = pairwise)
# Residual variances of one in the place of variances of one
by_theta <- list(parameterization = "theta")
add("regression, theta", latent, paths[, 1:7], c("a", "b", "c", "d", "f1", "y"), parameterization = "theta",
    options = by_theta)
add("exogenous, theta", caused, paths, c("a", "b", "c", "d", "f1", "y"), parameterization = "theta", options = by_theta)
add("abilities by school, strict", abilities, by_school, items, group = "school",
    group.equal = c("loadings", "thresholds", "residuals"), parameterization = "theta",
    options = c(list(group = "school", equal = list("loadings", "thresholds", "residuals")), by_theta))
write(toJSON(found, digits = 10, auto_unbox = TRUE, na = "null", pretty = FALSE), "tests/structural/ordered_reference.json")
