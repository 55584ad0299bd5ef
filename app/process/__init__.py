"""What every process of ours needs: children, signs of life, logs, exit codes, its terminal."""
