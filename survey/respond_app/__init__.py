"""The process that respondents and the public reach: it adds sealed rows and reads the published folder."""
