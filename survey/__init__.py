"""What is asked and what is stored: documents, the two web applications, the command line."""
