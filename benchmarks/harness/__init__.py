"""What measurements share: child processes, a site of their own, costs, results and plots."""
