# Counts, contacts and continuation by R and its packages: writes support.csv and data/support_*.csv.
suppressPackageStartupMessages({library(VGAM); library(MASS); library(glmmTMB); library(nnet); library(survival)})

answers <- data.frame()
add <- function(case, quantity, value, tolerance, source) {
  row <- data.frame(case, quantity, elsewhere = sprintf("%.12g", unname(value)), tolerance, source)
  answers <<- rbind(answers, row)
}

set.seed(20)
sizes <- c(east = 45, west = 30, north = 60)
counts <- data.frame(service = rep(names(sizes), sizes))
counts$service <- factor(counts$service, levels = names(sizes))
mean_of <- c(east = 4, west = 7, north = 2.5)[as.character(counts$service)]
counts$days <- sample(10:300, nrow(counts), replace = TRUE)
counts$sessions <- rnbinom(nrow(counts), mu = mean_of, size = 1.4)
counts$further <- rnbinom(nrow(counts), mu = mean_of * counts$days / 100, size = 2)
counts$regular <- rep(c(3, 4, 4, 5, 3), length.out = nrow(counts))
write.csv(counts, "data/support_counts.csv", row.names = FALSE, quote = FALSE)

# glmmTMB differentiates exactly, so its errors are those of the observed information; it stops at a looser gradient
# than ours: 1e-5.
tight <- glmmTMBControl(optCtrl = list(iter.max = 1e4, eval.max = 1e4, rel.tol = 1e-12, x.tol = 0))
exact <- function(case, model, source, dispersed = TRUE) {
  found <- fixef(model)$cond
  error <- sqrt(diag(vcov(model, full = TRUE)))
  for (k in seq_along(found)) {
    add(case, paste0("coefficient ", levels(counts$service)[k]), found[k], 1e-5, source)
    add(case, paste0("se ", levels(counts$service)[k]), error[k], 1e-5, source)
  }
  if (dispersed) {
    add(case, "dispersion", 1 / sigma(model), 1e-5, source)
    add(case, "se log dispersion", error[length(found) + 1], 1e-5, source)
  }
  add(case, "log likelihood", as.numeric(logLik(model)), 1e-7, source)
}

seen <- counts[counts$sessions > 0, ]
exact("zero-truncated", glmmTMB(sessions ~ service, data = seen, family = truncated_nbinom2, control = tight),
      "glmmTMB::glmmTMB truncated_nbinom2")
# VGAM's own errors are of simulated expected information: only its estimates are compared.
found <- coef(vglm(sessions ~ service, posnegbinomial(), data = seen, epsilon = 1e-12, maxit = 200))
for (k in c(1, 3, 4)) {
  name <- levels(counts$service)[c(1, NA, 2, 3)[k]]
  add("zero-truncated", paste0("VGAM coefficient ", name), found[k], 1e-6, "VGAM::vglm posnegbinomial")
}
add("zero-truncated", "VGAM dispersion", exp(-found[2]), 1e-6, "VGAM::vglm posnegbinomial")

exact("zero-truncated Poisson", glmmTMB(regular ~ service, data = counts, family = truncated_poisson, control = tight),
      "glmmTMB::glmmTMB truncated_poisson", FALSE)
found <- vglm(regular ~ service, pospoisson(), data = counts, epsilon = 1e-14)
for (k in 1:3) {
  name <- levels(counts$service)[k]
  add("zero-truncated Poisson", paste0("VGAM coefficient ", name), coef(found)[k], 1e-6, "VGAM::vglm pospoisson")
  # The expected information is the observed one in this one-parameter exponential family.
  add("zero-truncated Poisson", paste0("VGAM se ", name), sqrt(diag(vcov(found)))[k], 1e-6, "VGAM::vglm pospoisson")
}

nb <- function(case, model, errors) {
  for (k in seq_along(coef(model))) {
    name <- levels(counts$service)[k]
    add(case, paste0("MASS coefficient ", name), coef(model)[k], 1e-6, "MASS::glm.nb")
    if (errors) add(case, paste0("MASS se ", name), sqrt(diag(vcov(model)))[k], 1e-6, "MASS::glm.nb")
  }
  add(case, "MASS dispersion", 1 / model$theta, 1e-6, "MASS::glm.nb")
}
strict <- glm.control(epsilon = 1e-14, maxit = 200)
# Without exposure the expected information, of glm.nb, and the observed one give the same errors; with it not.
nb("all clients", glm.nb(sessions ~ service, counts, control = strict), TRUE)
exact("all clients", glmmTMB(sessions ~ service, data = counts, family = nbinom2, control = tight),
      "glmmTMB::glmmTMB nbinom2")
nb("by time", glm.nb(further ~ service + offset(log(days)), counts, control = strict), FALSE)
exact("by time", glmmTMB(further ~ service + offset(log(days)), data = counts, family = nbinom2, control = tight),
      "glmmTMB::glmmTMB nbinom2")
poisson_fit <- glm(regular ~ service + offset(log(days / days)), poisson, counts, control = list(epsilon = 1e-14))
for (k in 1:3) {
  name <- levels(counts$service)[k]
  add("Poisson boundary", paste0("coefficient ", name), coef(poisson_fit)[k], 1e-9, "stats::glm poisson")
  add("Poisson boundary", paste0("se ", name), sqrt(diag(vcov(poisson_fit)))[k], 1e-9, "stats::glm poisson")
}

# Ratio of events to contacts with weeks as clusters: residuals by hand, t interval of the logit.
weeks <- data.frame(contacts = c(12, 7, 20, 3, 9, 15, 1, 11))
weeks$events <- c(4, 3, 9, 0, 5, 6, 1, 2)
write.csv(weeks, "data/support_weeks.csv", row.names = FALSE, quote = FALSE)
ratio <- lm(I(events / contacts) ~ 1, weeks, weights = contacts)
share <- unname(coef(ratio))
meat <- sum((weeks$contacts * residuals(ratio))^2)
se <- sqrt(8 / 7 * meat) / sum(weeks$contacts)
add("weeks", "se", se, 1e-9, "stats::lm weighted, sandwich by hand")
ends <- plogis(qlogis(share) + c(-1, 1) * qt(0.975, 7) * se / (share * (1 - share)))
add("weeks", "low", ends[1], 1e-9, "stats::lm weighted, sandwich by hand")
add("weeks", "high", ends[2], 1e-9, "stats::lm weighted, sandwich by hand")

# Multinomial logit of mode; some clients are seen at both services.
clients <- data.frame(client = 1:40)
contacts <- do.call(rbind, lapply(clients$client, function(i) {
  home <- if (i <= 18) "west" else "east"
  n <- 1 + rpois(1, 5)
  lean <- c(2, 1, 0.6) * rexp(3, 1) + 0.1
  mode <- sample(c("in person", "telephone", "video"), n, TRUE, lean / sum(lean))
  service <- ifelse(runif(n) < 0.1, ifelse(home == "west", "east", "west"), home)
  data.frame(client = i, service, mode)
}))
write.csv(contacts, "data/support_contacts.csv", row.names = FALSE, quote = FALSE)
contacts$service <- factor(contacts$service, levels = c("east", "west"))
fitted_model <- multinom(mode ~ service, contacts, trace = FALSE, maxit = 2000, reltol = 1e-15, abstol = 1e-15, Hess = TRUE)
X <- model.matrix(~service, contacts)
p <- fitted(fitted_model)[, -1]
y <- sapply(colnames(p), function(m) as.numeric(contacts$mode == m))
scores <- cbind((y[, 1] - p[, 1]) * X, (y[, 2] - p[, 2]) * X)
at <- contacts$service
information <- matrix(0, 4, 4)
for (i in seq_len(nrow(X))) {
  information <- information + kronecker(diag(p[i, ]) - tcrossprod(p[i, ]), tcrossprod(X[i, ]))
}
bread <- solve(information)
g <- tapply(contacts$client, at, function(k) length(unique(k)))
of <- function(service) {
  # A client's scores at one service move the coefficients by bread %*% score; times g / (g - 1) of that service.
  part <- rowsum(scores * (at == service), contacts$client)
  (part %*% bread) * sqrt(g[[service]] / (g[[service]] - 1))
}
moved <- lapply(c("east", "west"), of)
for (k in 1:2) {
  name <- colnames(p)[k]
  place <- 2 * k
  add("contacts", paste0("log ratio ", name), coef(fitted_model)[k, 2], 1e-6, "nnet::multinom")
  add("contacts", paste0("model se ", name), summary(fitted_model)$standard.errors[k, 2], 1e-6, "nnet::multinom")
  by_side <- sapply(moved, function(m) sum(m[, place]^2))
  se <- sqrt(sum((moved[[1]] + moved[[2]])[, place]^2))
  # Scores by fitted probabilities of multinom, which stops at a gradient of some 1e-6.
  add("contacts", paste0("cluster se ", name), se, 1e-6, "nnet::multinom, sandwich by hand")
  df <- sum(by_side)^2 / sum(by_side^2 / (as.vector(g) - 1))
  add("contacts", paste0("df ", name), df, 1e-5, "nnet::multinom, Satterthwaite by hand")
}

# Continuation: sessions as time, ties between those who stop and those who may go on.
followed <- data.frame(sessions = c(1, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 8, 8, 9, 12, 14, 14, 20, 21, 30))
followed$stopped <- c(1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 0, 0)
write.csv(followed, "data/support_followed.csv", row.names = FALSE, quote = FALSE)
curve <- survfit(Surv(sessions, stopped) ~ 1, followed, conf.type = "log-log")
for (k in c(2, 4, 8, 12, 21)) {
  here <- summary(curve, times = k - 1)
  for (what in c("surv", "lower", "upper")) {
    add("continuation", paste(what, k), here[[what]], 1e-9, "survival::survfit log-log")
  }
}
middle <- quantile(curve, 0.5)
add("continuation", "median", middle$quantile, 1e-9, "survival::survfit log-log")
add("continuation", "median low", middle$lower, 1e-9, "survival::survfit log-log")
add("continuation", "median high", middle$upper, 1e-9, "survival::survfit log-log")

write.csv(answers, "support.csv", row.names = FALSE)
