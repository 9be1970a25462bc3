"""Long or Java work in one supervised worker process: submit it, watch its progress, stop it for real."""
