//! What is asked of k3d, and what follows from its answers.

mod down;
mod problems;
mod scripted;
mod up;
