"""ICE: which STUN and TURN servers there are, what comes of them, and which addresses a browser may name."""
