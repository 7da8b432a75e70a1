# Makes invariance_reference.json: Rscript tests/structural/invariance_reference.R (lavaan 0.6, jsonlite), after
# lavaan_reference.R and ordered_reference.R, whose rows it takes.
suppressMessages({library(lavaan); library(jsonlite)})

measures <- c("chisq", "df", "cfi", "rmsea", "srmr")
found <- list()
add <- function(name, model, data, group, levels, method, ...) {
  fits <- lapply(levels, function(equal) cfa(model, data, group = group, group.equal = equal, ...))
  scaled <- "chisq.scaled" %in% names(fitMeasures(fits[[1]]))
  tests <- lapply(seq_along(fits)[-1], function(at) {
    plain <- fitMeasures(fits[[at]], "chisq") - fitMeasures(fits[[at - 1]], "chisq")
    lrt <- lavTestLRT(fits[[at - 1]], fits[[at]], method = method)
    list(chi2 = unname(plain), df = lrt[2, "Df diff"], adjusted = lrt[2, "Chisq diff"], p = lrt[2, "Pr(>Chisq)"])
  })
  scores <- lapply(seq_along(fits)[-1], function(at) {
    if (scaled) return(NULL)
    table <- parTable(fits[[at]])
    released <- lavTestScore(fits[[at]])$uni
    label <- function(which) {
      row <- table[match(which, table$plabel), ]
      paste0(row$lhs, " ", row$op, " ", row$rhs)
    }
    data.frame(name = trimws(sapply(released$lhs, label)), chi2 = released$X2)
  })
  names <- if (scaled) c(measures, "chisq.scaled", "cfi.scaled", "rmsea.scaled") else measures
  found[[name]] <<- list(levels = levels, fits = lapply(fits, function(fit) as.list(fitMeasures(fit)[names])),
                         tests = tests, scores = scores)
}
abilities <- '
  visual =~ x1 + x2 + x3
  textual =~ x4 + x5 + x6
  speed =~ x7 + x8 + x9
'
usual <- list("", "loadings", c("loadings", "intercepts"), c("loadings", "intercepts", "residuals"))
sorted <- HolzingerSwineford1939[order(as.character(HolzingerSwineford1939$school)), ]
add("abilities", abilities, sorted, "school", usual, "default")
read <- function(file, name) {
  case <- fromJSON(file, simplifyVector = FALSE)[[name]]
  data <- as.data.frame(do.call(rbind, lapply(case$rows, unlist)))
  names(data) <- unlist(case$names)
  data
}
skewed <- read("tests/structural/lavaan_reference.json", "labels by group MLR")
factors <- 'f =~ a + b + c
g =~ d + e + h'
add("skewed", factors, skewed, "school", usual, "satorra.bentler.2001", estimator = "MLR")
cut <- read("tests/structural/ordered_reference.json", "abilities by school")
for (name in paste0("x", 1:9)) cut[[name]] <- as.integer(cut[[name]])
add("ordered", abilities, cut, "school",
    list("", c("loadings", "thresholds"), c("loadings", "thresholds", "residuals")), "satorra.2000", estimator = "WLSMV",
    ordered = paste0("x", 1:9), parameterization = "theta")
# The levels of x7 to x9 taken as quantities
add("mixed", abilities, cut, "school",
    list("", c("loadings", "intercepts", "thresholds"), c("loadings", "intercepts", "thresholds", "residuals")),
    "satorra.2000", estimator = "WLSMV", ordered = paste0("x", 1:6), parameterization = "theta")
write(toJSON(found, digits = 10, auto_unbox = TRUE, na = "null", null = "null"), "tests/structural/invariance_reference.json")
