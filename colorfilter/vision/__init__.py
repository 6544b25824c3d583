"""What people with another color vision see, and colors moved for them: the models, on pictures and on planes."""
