# Reads the CSV files of a release of Sotto into data frames; base R alone, 3.5 or later.
#
#   source("read_release.R")
#   estimates <- read_release(".")        # shares, means and other estimates, each with its 95 % margin
#   cells <- read_cells(".", "T02")       # the noisy integers of one table
#   subset(estimates, table == "T02" & measure == "share" & group == "")
#
# `base` says what a share is of: "asked", "answered" or "substantive" (of those with an opinion), and `left_out` how
# many of those asked are not in it. Every number is uncertain: `value` lies within `margin_95` of the truth with 95 %
# confidence (within `low_95` and `high_95` where the interval is not symmetric). Where `abstained` is not empty nothing
# is said, and `value` is NA.

# A text that a spreadsheet could run as a formula has an apostrophe before it; it is no part of the text.
.plain <- function(column) {
  if (!is.character(column)) return(column)
  sub("^'([-=+@\t\r\n])", "\\1", column)
}

.read <- function(path) {
  frame <- read.csv(path, encoding = "UTF-8", fileEncoding = "UTF-8-BOM", na.strings = "", check.names = FALSE,
                    stringsAsFactors = FALSE, colClasses = "character")
  frame[] <- lapply(frame, .plain)
  frame
}

.numbers <- c("wave", "code", "value", "margin_95", "low_95", "high_95", "total", "total_margin_95", "left_out", "kish", "sigma",
              "nano_rho", "rho")

# Returns all estimates of the release in `folder`, or of the tables named, as one data frame; the release's facts are
# its attribute "facts".
read_release <- function(folder, tables = NULL) {
  codebook <- .read(file.path(folder, "release-codebook.csv"))
  named <- if (is.null(tables)) sort(unique(unlist(strsplit(codebook$tables, " ")))) else tables
  frames <- lapply(named, function(name) {
    frame <- .read(.file(folder, name))
    numeric <- intersect(.numbers, names(frame))
    frame[numeric] <- lapply(frame[numeric], as.numeric)
    frame$reliable <- as.logical(frame$reliable)
    texts <- names(frame)[vapply(frame, is.character, logical(1))]
    frame[texts] <- lapply(frame[texts], function(column) ifelse(is.na(column), "", column))
    frame
  })
  estimates <- do.call(rbind, frames)
  facts <- .read(file.path(folder, "release-facts.csv"))
  attr(estimates, "facts") <- stats::setNames(facts$value, facts$fact)
  estimates
}

# Returns the noisy cells of one table: codes and labels of its dimensions, counts with their margins.
read_cells <- function(folder, table) {
  frame <- .read(file.path(folder, paste0(table, "-cells.csv")))
  texts <- c("table", "population", "notes", grep("_(label|row)$", names(frame), value = TRUE))
  numeric <- setdiff(names(frame), texts)
  frame[numeric] <- lapply(frame[numeric], as.numeric)
  frame[texts] <- lapply(frame[texts], function(column) ifelse(is.na(column), "", column))
  frame
}

# A table whose id is no name of a file (CON, NUL) is in a file that release-names.csv names.
.file <- function(folder, table) {
  renamed <- file.path(folder, "release-names.csv")
  if (file.exists(renamed)) {
    names <- .read(renamed)
    found <- names$name[names$kind == "file" & names$id == table]
    if (length(found) > 0) table <- found[1]
  }
  file.path(folder, paste0(table, ".csv"))
}
