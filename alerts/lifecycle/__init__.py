"""What an alert is and what people may do with it. Pure: state, command and time in, result out."""
