"""The study key among custodians: ceremony, cards, intent, resharing, destruction."""
