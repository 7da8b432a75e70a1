# Makes schooling.json: two-stage least squares on Card's (1995) men, in the two tables of causal/accuracy/tables.py:
#   python -c "from causal.accuracy.tables import frame_of as f; [f(n).to_csv('/tmp/' + n.replace(' ', '-') + '.csv', index=False) for n in ('schooling', 'schooling with regions')]"
#   Rscript tests/estimators/golden/schooling.R /tmp > tests/estimators/golden/schooling.json
# R 4.2.2, AER 1.2-10; errors classical, with n minus the number of coefficients.
suppressMessages(library(AER))
folder <- commandArgs(TRUE)[1]
asked <- function(name, covariates) {
  frame <- read.csv(file.path(folder, paste0(name, ".csv")))
  rest <- paste(covariates, collapse = " + ")
  fit <- ivreg(as.formula(paste("lwage ~ educ +", rest, "| nearc4 +", rest)), data = frame)
  found <- summary(fit, diagnostics = TRUE)
  list(effect = coef(fit)[["educ"]], std_error = found$coefficients["educ", 2],
       first_stage_f = found$diagnostics["Weak instruments", "statistic"])
}
out <- list(
  schooling = asked("schooling", c("exper", "black", "south", "married", "smsa")),
  with_regions = asked("schooling-with-regions", c("exper", "expersq", "black", "south", "smsa", paste0("reg66", 1:8), "smsa66"))
)
cat(jsonlite::toJSON(out, auto_unbox = TRUE, digits = 12, pretty = TRUE), "\n")
