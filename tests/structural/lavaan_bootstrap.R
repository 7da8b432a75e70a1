# Makes lavaan_bootstrap.json: Rscript tests/structural/lavaan_bootstrap.R (lavaan 0.6, jsonlite; takes minutes).
# Standard errors, quantiles and Bollen-Stine test by lavaan's own refits of simulated rows.
suppressMessages({library(lavaan); library(jsonlite)})

rows <- function(data) list(names = names(data), rows = unname(as.matrix(data)))
# Bollen and Stine's test by lavaan's fits of turned rows; its own "bollen.stine" turns fixed exogenous columns otherwise:
# its chi-squares have a median of 4.6 for 4 degrees of freedom, those of the refits here 3.1.
root <- function(m, power) { e <- eigen(m, symmetric = TRUE); e$vectors %*% diag(e$values^power) %*% t(e$vectors) }
bollen_stine <- function(model, data, replicates) {
  fit <- sem(model, data)
  names <- lavNames(fit)
  x <- scale(as.matrix(data[, names]), scale = FALSE)
  turned <- as.data.frame(x %*% root(crossprod(x) / nrow(x), -.5) %*% root(unclass(fitted(fit)$cov)[names, names], .5))
  names(turned) <- names
  stopifnot(fitMeasures(sem(model, turned))[["chisq"]] < 1e-6)
  drawn <- replicate(replicates, {
    own <- turned[sample(nrow(turned), replace = TRUE), ]
    fitMeasures(sem(model, own, se = "none"))[["chisq"]]
  })
  mean(drawn >= fitMeasures(fit)[["chisq"]])
}

# A mediation with a latent mediator, skewed rows: 1,500 refits
set.seed(19)
n <- 200
x <- rexp(n) - 1
f <- 0.6 * x + rexp(n) - 1
made <- data.frame(x, a = f + rnorm(n, sd = .5), b = 0.8 * f + rnorm(n, sd = .6), c = 0.7 * f + rexp(n) - 1,
                   y = 0.5 * f + 0.2 * x + rt(n, 5))
made <- round(made, 4)
through <- '
  f =~ a + b + c
  f ~ p*x
  y ~ q*f + r*x
  indirect := p*q
  total := indirect + r
'
fit <- sem(through, made)
draws <- unclass(bootstrapLavaan(fit, R = 1500, iseed = 19))
colnames(draws) <- names(coef(fit))
stopifnot(abs(colMeans(draws) - coef(fit)) < apply(draws, 2, sd))
draws <- cbind(draws, indirect = draws[, "p"] * draws[, "q"], total = draws[, "p"] * draws[, "q"] + draws[, "r"])
point <- c(coef(fit), indirect = prod(coef(fit)[c("p", "q")]), total = sum(prod(coef(fit)[c("p", "q")]), coef(fit)["r"]))
corrected <- function(name, share) {
  shift <- qnorm(mean(draws[, name] < point[[name]]))
  unname(quantile(draws[, name], pnorm(2 * shift + qnorm(share)), type = 6))
}
found <- list(bootstrap = c(list(model = through), rows(made), list(
  draws = nrow(draws),
  parameters = lapply(colnames(draws), function(name) list(
    name = name, est = point[[name]], se = sd(draws[, name]),
    percentile = unname(quantile(draws[, name], c(.025, .975), type = 6)),
    corrected = c(corrected(name, .025), corrected(name, .975)))),
  bollen_stine = bollen_stine(through, made, 1000))))
# The same model misfitting: two columns share more than the latent variable says
off <- made
off$b <- off$b + 0.35 * off$c
off <- round(off, 4)
wrong <- 'f =~ a + b + c\n f ~ x\n y ~ f'
found$misfit <- c(list(model = wrong), rows(off), list(bollen_stine = bollen_stine(wrong, off, 300)))
write(toJSON(found, digits = 12, auto_unbox = TRUE, na = "null", pretty = FALSE), "tests/structural/lavaan_bootstrap.json")
