# Golden values of test_instrument.py: Rscript tests/estimators/instruments.R > tests/estimators/instruments.json
# R 4.2, AER 1.2-10 (two-stage least squares, its diagnostics), estimatr 1.0 (clusters), sandwich 3.0.
suppressMessages({library(AER); library(estimatr)})
data("CigarettesSW")
frame <- transform(CigarettesSW, rprice = price / cpi, rincome = income / population / cpi, tdiff = (taxs - tax) / cpi, rtax = tax / cpi)
year <- subset(frame, year == "1995")
fit <- ivreg(log(packs) ~ log(rprice) + log(rincome) | log(rincome) + tdiff + rtax, data = year)
classical <- summary(fit, diagnostics = TRUE)
robust <- summary(fit, vcov = sandwich, df = Inf, diagnostics = TRUE)
ones <- ivreg(log(packs) ~ log(rprice) + log(rincome) | log(rincome) + tdiff, data = year)
hc1 <- iv_robust(log(packs) ~ log(rprice) + log(rincome) | log(rincome) + tdiff + rtax, data = year, se_type = "HC1")
by_state <- iv_robust(log(packs) ~ log(rprice) + log(rincome) | log(rincome) + tdiff + rtax, data = frame, clusters = state, se_type = "stata")
digits <- function(x) unname(as.numeric(x))
cat(jsonlite::toJSON(list(
  coefficient = digits(coef(fit)[2]),
  classical = digits(classical$coefficients[2, 2]),
  HC0 = digits(robust$coefficients[2, 2]),
  HC1 = digits(hc1$std.error[2]),
  f_classical = digits(classical$diagnostics["Weak instruments", "statistic"]),
  f_HC0 = digits(robust$diagnostics["Weak instruments", "statistic"]),
  sargan = digits(classical$diagnostics["Sargan", "statistic"]),
  sargan_p = digits(classical$diagnostics["Sargan", "p-value"]),
  one_instrument = digits(coef(ones)[2]),
  both_years = digits(coef(by_state)[2]),
  both_years_clustered = digits(by_state$std.error[2])
), auto_unbox = TRUE, digits = 14, pretty = TRUE), "\n")
