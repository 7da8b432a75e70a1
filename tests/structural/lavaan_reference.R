# Makes lavaan_reference.json: Rscript tests/structural/lavaan_reference.R (lavaan 0.6, jsonlite).
# Real data enter as moments only (PoliticalDemocracy: Bollen 1989; HolzingerSwineford1939; Demo.growth, from lavaan);
# where rows matter, they are simulated here and written out.
suppressMessages({library(lavaan); library(jsonlite)})

moments <- function(data, names, group = NULL) {
  parts <- if (is.null(group)) list(data) else split(data, data[[group]])
  lapply(parts, function(each) {
    x <- as.matrix(each[, names])
    list(n = nrow(x), mean = unname(colMeans(x)), covariance = unname(cov(x) * (nrow(x) - 1) / nrow(x)))
  })
}

told <- function(fit, more = NULL) {
  par <- parameterEstimates(fit, remove.nonfree = FALSE, remove.eq = FALSE)
  std <- standardizedSolution(fit)
  par$std <- std$est.std[match(paste(par$lhs, par$op, par$rhs, par$group), paste(std$lhs, std$op, std$rhs, std$group))]
  par$std.se <- std$se[match(paste(par$lhs, par$op, par$rhs, par$group), paste(std$lhs, std$op, std$rhs, std$group))]
  if (is.null(par$group)) par$group <- 1
  wanted <- c("chisq", "df", "pvalue", "baseline.chisq", "baseline.df", "cfi", "tli", "rmsea", "rmsea.ci.lower",
              "rmsea.ci.upper", "srmr", "logl", "aic", "bic")
  measures <- fitMeasures(fit)
  scaled <- intersect(c("chisq.scaled", "chisq.scaling.factor", "pvalue.scaled"), names(measures))
  c(list(fit = as.list(measures[c(wanted, scaled)]),
         parameters = par[, intersect(c("lhs", "op", "rhs", "group", "est", "se", "std", "std.se"), names(par))],
         r2 = as.list(unlist(lavInspect(fit, "rsquare")))), more)
}

democracy <- '
  ind60 =~ x1 + x2 + x3
  dem60 =~ y1 + y2 + y3 + y4
  dem65 =~ y5 + y6 + y7 + y8
  dem60 ~ ind60
  dem65 ~ ind60 + dem60
  y1 ~~ y5
  y2 ~~ y4 + y6
  y3 ~~ y7
  y4 ~~ y8
  y6 ~~ y8
'
equal <- '
  ind60 =~ x1 + x2 + x3
  dem60 =~ y1 + a*y2 + b*y3 + c*y4
  dem65 =~ y5 + a*y6 + b*y7 + c*y8
  dem60 ~ p*ind60
  dem65 ~ q*ind60 + r*dem60
  y1 ~~ y5
  y2 ~~ y4 + y6
  y3 ~~ y7
  y4 ~~ y8
  y6 ~~ y8
  indirect := p*r
  total := q + indirect
'
abilities <- '
  visual =~ x1 + x2 + x3
  textual =~ x4 + x5 + x6
  speed =~ x7 + x8 + x9
'
curve <- '
  i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4
  s =~ 0*t1 + 1*t2 + 2*t3 + 3*t4
  i ~ x1 + x2
  s ~ x1 + x2
'
higher <- '
  visual =~ x1 + x2 + x3
  textual =~ x4 + x5 + x6
  speed =~ x7 + x8 + x9
  g =~ NA*visual + textual + speed
  g ~~ 1*g
'
found <- list()
add <- function(name, model, fit, data = NULL, group = NULL, options = list(), more = NULL) {
  found[[name]] <<- c(list(model = model, options = options), data, told(fit, more))
}
seen <- function(data, names, group = NULL) {
  made <- moments(data, names, group)
  list(names = names, moments = unname(made), groups = if (is.null(group)) list() else names(made))
}

pd <- seen(PoliticalDemocracy, c(paste0("y", 1:8), paste0("x", 1:3)))
fit <- sem(democracy, PoliticalDemocracy)
indices <- modindices(fit)
add("democracy", democracy, fit, pd,
    more = list(indices = indices[, c("lhs", "op", "rhs", "mi", "epc")]))
add("democracy observed", democracy, sem(democracy, PoliticalDemocracy, information = "observed"), pd,
    options = list(errors = "observed"))
add("democracy equal", equal, sem(equal, PoliticalDemocracy), pd)
hs <- seen(HolzingerSwineford1939, paste0("x", 1:9))
add("abilities", abilities, cfa(abilities, HolzingerSwineford1939), hs)
add("abilities higher", higher, cfa(higher, HolzingerSwineford1939), hs)
by <- seen(HolzingerSwineford1939, paste0("x", 1:9), "school")
# lavaan takes groups in the order of the rows, ours are sorted
sorted <- HolzingerSwineford1939[order(as.character(HolzingerSwineford1939$school)), ]
levels <- list(configural = "", loadings = "loadings", intercepts = c("loadings", "intercepts"),
               residuals = c("loadings", "intercepts", "residuals"))
for (level in names(levels)) {
  fit <- cfa(abilities, sorted, group = "school", group.equal = levels[[level]])
  add(paste("abilities by school,", level), abilities, fit, by,
      options = list(group = "school", equal = as.list(setdiff(levels[[level]], ""))),
      more = list(labels = lavInspect(fit, "group.label")))
}
dg <- seen(Demo.growth, c("t1", "t2", "t3", "t4", "x1", "x2"))
add("growth", curve, growth(curve, Demo.growth), dg, options = list(growth = TRUE))

set.seed(7)
n <- 300
z1 <- rnorm(n); z2 <- 0.5 * z1 + rnorm(n)
x1 <- 0.6 * z1 + rexp(n) - 1; x2 <- 0.5 * z2 + rnorm(n)
y <- 0.5 * x1 + 0.3 * x2 + rt(n, 6); w <- 0.4 * y + 0.3 * x1 + rnorm(n)
paths <- round(data.frame(z1, z2, x1, x2, y, w), 4)
rows <- function(data) list(names = names(data), rows = unname(as.matrix(data)))
exogenous <- '
  x1 ~ z1
  x2 ~ z2
  y ~ x1 + x2
  w ~ b*y + x1
'
add("exogenous", exogenous, sem(exogenous, paths), rows(paths))
add("exogenous MLR", exogenous, sem(exogenous, paths, estimator = "MLR"), rows(paths), options = list(errors = "sandwich"))
# With fixed.x lavaan's MLM takes the fourth moments given the exogenous columns; ours are those of the rows as drawn
fit <- sem(exogenous, paths, estimator = "MLM", fixed.x = FALSE)
add("exogenous MLM", exogenous, fit, rows(paths), options = list(errors = "satorra_bentler"))
found[["exogenous MLM"]]$fit <- found[["exogenous MLM"]]$fit[c("chisq", "df", "chisq.scaled", "pvalue.scaled")]
inner <- c("x1", "x2", "y", "w")
found[["exogenous MLM"]]$parameters <- subset(found[["exogenous MLM"]]$parameters, lhs %in% inner, select = -std.se)
loop <- '
  x1 ~ y + z1
  x2 ~ y + z2
  y ~ x1 + x2
  x1 ~~ 0*x2
'
set.seed(11)
n <- 500
z1 <- rnorm(n); z2 <- rnorm(n); e <- matrix(rnorm(3 * n), n)
B <- matrix(c(0, 0, .3, 0, 0, .2, .4, .3, 0), 3, byrow = TRUE)
v <- t(solve(diag(3) - B, t(cbind(z1 + e[, 1], z2 + e[, 2], e[, 3]))))
loops <- round(data.frame(x1 = v[, 1], x2 = v[, 2], y = v[, 3], z1, z2), 4)
add("loop", loop, sem(loop, loops), rows(loops))

set.seed(13)
n <- 400
f <- rnorm(n); g <- 0.6 * f + rnorm(n, sd = 0.8)
items <- cbind(f + rexp(n) - 1, 0.8 * f + rnorm(n, sd = .6), 0.7 * f + rnorm(n, sd = .7),
               g + rnorm(n, sd = .5), 0.9 * g + (rexp(n) - 1), 0.6 * g + rnorm(n, sd = .6))
colnames(items) <- c("a", "b", "c", "d", "e", "h")
holes <- round(as.data.frame(items), 4)
latent <- '
  f =~ a + b + c
  g =~ d + e + h
  g ~ f
'
full <- holes
scores <- function(fit) list(scores = unname(unclass(lavPredict(fit))[1:5, ]))
fit <- sem(latent, full)
add("latent", latent, fit, rows(full), more = scores(fit))
for (kind in c("MLR", "MLM")) {
  add(paste("latent", kind), latent, sem(latent, full, estimator = kind), rows(full),
      options = list(errors = if (kind == "MLR") "sandwich" else "satorra_bentler"))
}
holes$b[holes$a > 0.6] <- NA
holes$e[runif(n) < .2] <- NA
holes$h[holes$d < -0.8] <- NA
fit <- sem(latent, holes, missing = "ml")
add("missing", latent, fit, rows(holes), options = list(missing = "likelihood", errors = "observed"),
    more = scores(fit))
add("missing MLR", latent, sem(latent, holes, missing = "ml", estimator = "MLR"), rows(holes),
    options = list(missing = "likelihood", errors = "sandwich"))
# Labels by group; skewed rows whose groups differ, so that equality costs fit in each
set.seed(17)
n <- 500
school <- rep(1:2, c(200, 300))
f <- rnorm(n) * school; g <- (0.3 + 0.3 * school) * f + rnorm(n, sd = 0.8)
items <- cbind(f + rexp(n) - 1, (0.5 + 0.2 * school) * f + rnorm(n, sd = .6), 0.7 * f + (rexp(n) - 1) * school,
               g + rnorm(n, sd = .5), 0.9 * g + rexp(n) - 1, 0.6 * g + rnorm(n, sd = .6))
colnames(items) <- c("a", "b", "c", "d", "e", "h")
schools <- round(data.frame(items, school), 4)
labelled <- '
  f =~ a + c(l, l)*b + c(m1, m2)*c
  g =~ d + c(u, u)*e + h
  g ~ c(p, q)*f
  a ~~ c(v, v)*a
  apart := p - q
'
for (kind in c("ML", "MLR", "MLM")) {
  fit <- sem(labelled, schools, group = "school", estimator = kind)
  add(paste("labels by group", kind), labelled, fit, rows(schools),
      options = list(group = "school", errors = c(ML = "expected", MLR = "sandwich", MLM = "satorra_bentler")[[kind]]),
      more = list(labels = c("1.0", "2.0")))
}
# Weak instruments: scoring creeps along a valley that lavaan's quasi-Newton search leaves
set.seed(19)
n <- 300
u <- rnorm(n); z1 <- rnorm(n); z2 <- 0.4 * z1 + rnorm(n)
x <- u + rnorm(n); y <- 0.5 * u + 0.4 * z1 - 0.3 * z2 + rnorm(n, sd = 1.4)
weak <- '
  y ~ x + z1
  x ~ y + z2
'
weakly <- round(data.frame(y, x, z1, z2), 4)
add("loop with weak instruments", weak, sem(weak, weakly), rows(weakly))
# What is written is free, also where a default would hold it: means of latent variables, a lone indicator's variance
means <- '
  i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4
  s =~ 0*t1 + 1*t2 + 2*t3 + 3*t4
  t1 + t2 + t3 + t4 ~ 0*1
  i + s ~ 1
'
add("latent means written", means, sem(means, Demo.growth), dg)
add("intercept written in a growth curve", paste(curve, "t3 ~ 1"), growth(paste(curve, "t3 ~ 1"), Demo.growth), dg,
    options = list(growth = TRUE))
lone <- '
  f =~ x1
  x1 ~~ x1
  f ~~ 1*f
  x4 ~ f
  x7 ~ f
  x4 ~~ 0*x7
'
add("lone indicator", lone, sem(lone, HolzingerSwineford1939),
    seen(HolzingerSwineford1939, c("x1", "x4", "x7")))
write(toJSON(found, digits = 12, auto_unbox = TRUE, na = "null", pretty = FALSE), "tests/structural/lavaan_reference.json")
