"""Pages of the documentation as they are typed (commands, files, what is printed), and squares on printed pages."""
