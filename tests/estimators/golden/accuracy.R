# Makes accuracy.json: what R gives on the tables of causal/accuracy/tables.py. From the repository's top:
#   python -c "from causal.accuracy.tables import frame_of as f; [f(n).to_csv('/tmp/' + n.replace(' ', '-') + '.csv', index=False) for n in ('births', 'lalonde', 'experiment', 'trained and survey', 'job seekers')]"
#   Rscript tests/estimators/golden/accuracy.R /tmp > tests/estimators/golden/accuracy.json
# R 4.2.2, survey 4.1-1, sandwich 3.0-2, Matching 4.10-8, MatchIt 4.5.1, clubSandwich, numDeriv 2016.8. Errors with
# fitted scores: stacked estimating equations with a numerical derivative (Stefanski and Boos 2002, The American
# Statistician 56: 29-38). Ties and the order of pairs as in matching.R.
suppressMessages({library(survey); library(sandwich); library(numDeriv); library(Matching); library(MatchIt); library(clubSandwich)})
folder <- commandArgs(TRUE)[1]
table_of <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))
tight <- glm.control(epsilon = 1e-14, maxit = 100)

stacked <- function(psi, theta) {
  n <- nrow(psi(theta))
  bread <- jacobian(function(at) colMeans(psi(at)), theta, method.args = list(eps = 1e-5, r = 6))
  inverse <- solve(bread)
  inverse %*% (crossprod(psi(theta)) / n) %*% t(inverse) / n
}

teffects <- function(y, a, x) {
  # y, a, and the columns x of both models (with the constant); logit score, linear outcome in each arm.
  k <- ncol(x); e_of <- function(g) plogis(drop(x %*% g))
  g <- coef(glm(a ~ x - 1, family = binomial, control = tight))
  found <- list()
  for (target in c("everyone", "treated")) {
    w_of <- function(g) { e <- e_of(g); if (target == "everyone") list(a / e, (1 - a) / (1 - e)) else list(a, (1 - a) * e / (1 - e)) }
    h <- if (target == "everyone") rep(1, length(a)) else a
    score <- function(g) (a - e_of(g)) * x
    w <- w_of(g)
    ipw <- c(sum(w[[1]] * y) / sum(w[[1]]), sum(w[[2]] * y) / sum(w[[2]]))
    psi <- function(t) { w <- w_of(t[-(1:2)]); cbind(w[[1]] * (y - t[1]), w[[2]] * (y - t[2]), score(t[-(1:2)])) }
    v <- stacked(psi, c(ipw, g))
    found[[paste("ipw", target)]] <- c(effect = ipw[1] - ipw[2], std_error = sqrt(v[1, 1] + v[2, 2] - 2 * v[1, 2]), control = ipw[2])
    for (name in c("aipw", "ipwra")) {
      if (name == "aipw") { w1 <- a; w0 <- 1 - a } else { w1 <- w[[1]]; w0 <- w[[2]] }
      b1 <- coef(lm(y ~ x - 1, weights = w1)); b0 <- coef(lm(y ~ x - 1, weights = w0))
      psi <- function(t) {
        g <- t[3:(2 + k)]; b1 <- t[(3 + k):(2 + 2 * k)]; b0 <- t[(3 + 2 * k):(2 + 3 * k)]
        w <- w_of(g); f1 <- drop(x %*% b1); f0 <- drop(x %*% b0)
        if (name == "aipw") { u1 <- a; u0 <- 1 - a; c1 <- w[[1]] * (y - f1); c0 <- w[[2]] * (y - f0) } else { u1 <- w[[1]]; u0 <- w[[2]]; c1 <- 0; c0 <- 0 }
        cbind(h * (f1 - t[1]) + c1, h * (f0 - t[2]) + c0, score(g), u1 * (y - f1) * x, u0 * (y - f0) * x)
      }
      f1 <- drop(x %*% b1); f0 <- drop(x %*% b0)
      c1 <- if (name == "aipw") w[[1]] * (y - f1) else 0; c0 <- if (name == "aipw") w[[2]] * (y - f0) else 0
      m <- c(sum(h * f1 + c1) / sum(h), sum(h * f0 + c0) / sum(h))
      v <- stacked(psi, c(m, g, b1, b0))
      found[[paste(name, target)]] <- c(effect = m[1] - m[2], std_error = sqrt(v[1, 1] + v[2, 2] - 2 * v[1, 2]), control = m[2])
    }
  }
  lapply(found, as.list)
}

births <- table_of("births")
columns <- with(births, cbind(1, mmarried_, mage, fbaby_, medu, prenatal1_))
columns[, c(3, 5)] <- scale(columns[, c(3, 5)])  # changes no answer, and keeps the numerical derivative exact
out <- list(births = teffects(births$bweight, births$mbsmoke_, columns))

surveyed <- function(frame, formula, outcome, treatment, target) {
  # Hajek's means with the score taken as known: survey's linearisation, and sandwich's HC0 of weighted lm.
  e <- fitted(glm(formula, family = binomial, data = frame, control = tight)); a <- frame[[treatment]]
  frame$w <- if (target == "everyone") ifelse(a == 1, 1 / e, 1 / (1 - e)) else if (target == "treated") ifelse(a == 1, 1, e / (1 - e)) else a * (1 - e) + (1 - a) * e
  line <- reformulate(treatment, outcome)
  design <- svydesign(ids = ~1, weights = ~w, data = frame)
  fit <- svyglm(line, design = design); plain <- lm(line, weights = w, data = frame)
  y <- frame[[outcome]]
  unnormalised <- if (target == "everyone") list(horvitz_thompson = mean(a * y / e) - mean((1 - a) * y / (1 - e)))
  c(unnormalised, list(effect = coef(fit)[[2]], std_error_survey = SE(fit)[[2]], std_error = sqrt(sandwich(plain)[2, 2])))
}
men <- table_of("lalonde")
score <- treat ~ age + educ + race + married + nodegree + re74 + re75
out$men <- lapply(c(everyone = "everyone", treated = "treated", overlap = "overlap"), function(target) surveyed(men, score, "re78", "treat", target))
fit <- lm(re78 ~ treat + age + educ + race + married + nodegree + re74 + re75, data = men)
out$men$regression <- list(effect = coef(fit)[["treat"]], std_error = sqrt(vcovHC(fit, "HC2")["treat", "treat"]), classical = sqrt(vcov(fit)["treat", "treat"]))

survey_men <- table_of("trained-and-survey")
score <- treat ~ age + educ + black + hisp + marr + nodegree + re74 + re75
out$jobs <- lapply(c(treated = "treated", overlap = "overlap"), function(target) surveyed(survey_men, score, "re78", "treat", target))
fit <- lm(re78 ~ treat + age + educ + black + hisp + marr + nodegree + re74 + re75, data = survey_men)
out$jobs$regression <- list(effect = coef(fit)[["treat"]], std_error = sqrt(vcovHC(fit, "HC2")["treat", "treat"]), classical = sqrt(vcov(fit)["treat", "treat"]))

people <- table_of("experiment")
formula <- treat ~ age + educ + black + hisp + marr + nodegree + re74 + re75
columns <- model.matrix(formula, people)[, -1]
score <- glm(formula, binomial, people, control = tight)$fitted
match_of <- function(x, estimand, spread, ...) {
  found <- Match(people$re78, people$treat, x, estimand = estimand, M = 1, Var.calc = spread, distance.tolerance = 1e-20, ...)
  list(effect = found$est[1], std_error = found$se)
}
apart <- as.matrix(dist(round(score, 12))); dimnames(apart) <- NULL
order <- order(-round(score, 12))
paired <- match.data(matchit(formula, people[order, ], distance = apart[order, order], m.order = "data"), data = people[order, ])
pairs <- lm(re78 ~ treat, data = paired, weights = weights)
coarsened <- function(target) {
  found <- suppressWarnings(matchit(formula, data = people, method = "cem", estimand = target, cutpoints = "sturges"))
  kept <- cbind(people, weight = found$weights)[found$weights > 0, ]
  fitted <- lm(re78 ~ treat, data = kept, weights = weight)
  list(effect = coef(fitted)[["treat"]], std_error = sqrt(vcovHC(fitted, "HC2")["treat", "treat"]))
}
plain <- lm(re78 ~ treat, data = people)
welch <- t.test(re78 ~ treat, data = people)
adjusted <- lm(re78 ~ treat + age + educ + black + hisp + marr + nodegree + re74 + re75, data = people)
few <- coef_test(adjusted, vcov = "CR2", cluster = people$educ, test = "Satterthwaite")
few <- few[rownames(few) == "treat", ]
# Entropy balancing of the controls to the treated (Hainmueller 2012): the minimum of the dual, by Newton's method.
z <- scale(columns); goal <- colMeans(z[people$treat == 1, ]); z0 <- z[people$treat == 0, ]; tilt <- rep(0, ncol(z0))
for (step in 1:50) {
  w <- exp(drop(z0 %*% tilt)); w <- w / sum(w); gap <- drop(crossprod(z0, w)) - goal
  tilt <- tilt - solve(crossprod(z0, w * z0) - tcrossprod(drop(crossprod(z0, w))), gap)
}
balanced <- mean(people$re78[people$treat == 1]) - sum(w * people$re78[people$treat == 0])
out$experiment <- list(
  means = list(effect = unname(diff(welch$estimate)), std_error = welch$stderr),
  regression = list(effect = coef(adjusted)[["treat"]], std_error = sqrt(vcovHC(adjusted, "HC2")["treat", "treat"]), classical = sqrt(vcov(adjusted)["treat", "treat"])),
  few_clusters = list(std_error = few$SE, degrees_of_freedom = if ("df_Satt" %in% names(few)) few$df_Satt else few$df),
  weighting = surveyed(people, formula, "re78", "treat", "everyone"),
  weighting_treated = surveyed(people, formula, "re78", "treat", "treated"),
  overlap = surveyed(people, formula, "re78", "treat", "overlap"),
  entropy_treated = list(effect = balanced),
  matching_score = match_of(score, "ATT", 1),
  matching_mahalanobis = match_of(columns, "ATE", 2, Weight = 2),
  matching_adjusted = match_of(columns, "ATE", 2, Weight = 2, BiasAdjust = TRUE),
  pairs = list(effect = coef(pairs)[["treat"]], std_error = sqrt(vcovCL(pairs, ~ subclass, type = "HC0", cadjust = TRUE)["treat", "treat"])),
  coarsened_treated = coarsened("ATT"), coarsened_everyone = coarsened("ATE")
)
seekers <- table_of("job-seekers")
first <- lm(job_seek ~ treat + econ_hard + sex + age, data = seekers)
second <- lm(depress2 ~ treat + job_seek + econ_hard + sex + age, data = seekers)
out$job_seekers <- list(
  indirect = coef(first)[["treat"]] * coef(second)[["job_seek"]], direct = coef(second)[["treat"]],
  total = coef(first)[["treat"]] * coef(second)[["job_seek"]] + coef(second)[["treat"]]
)
cat(jsonlite::toJSON(out, auto_unbox = TRUE, digits = 12, pretty = TRUE), "\n")
