// The runtime grows here.
