//! How far a container's log has been read, so that reading it again repeats nothing.

use k8s_openapi::jiff::Timestamp;

/// How far a log has been read: the time of the last line, and how many lines had that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Position(Option<(Timestamp, u32)>);

/// Tells what is new among the lines of a log that is read once more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sieve {
    from: Position,
    /// How many lines have come of the time where the last reading ended.
    repeated: u32,
}

impl Position {
    /// From when on the log is to be asked for.
    pub(super) fn since(self) -> Option<Timestamp> {
        self.0.map(|(time, _)| time)
    }

    /// For the lines of one more reading from here.
    pub(super) fn sieve(self) -> Sieve {
        Sieve { from: self, repeated: 0 }
    }

    fn advance(&mut self, time: Timestamp) {
        self.0 = match self.0 {
            Some((last, count)) if last == time => Some((last, count + 1)),
            // Clocks may be set back.
            Some((last, count)) if last > time => Some((last, count)),
            _ => Some((time, 1)),
        };
    }
}

impl Sieve {
    /// Whether a line is new; then it is taken as read. Lines without a time are not the container's, and always new.
    pub(super) fn lets_pass(&mut self, position: &mut Position, time: Option<Timestamp>) -> bool {
        let Some(time) = time else { return true };
        match self.from.0 {
            Some((last, _)) if time < last => return false,
            Some((last, count)) if time == last && self.repeated < count => {
                self.repeated += 1;
                return false;
            }
            _ => {}
        }
        position.advance(time);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    /// What passes of lines with these times, when they are read from a position on.
    fn read(position: &mut Position, times: &[i64]) -> Vec<i64> {
        let mut sieve = position.sieve();
        times.iter().copied().filter(|time| sieve.lets_pass(position, Some(at(*time)))).collect()
    }

    #[test]
    fn what_was_read_is_not_read_again() {
        let mut position = Position::default();
        assert_eq!(position.since(), None);
        assert_eq!(read(&mut position, &[1, 2, 2, 3, 3]), [1, 2, 2, 3, 3]);
        assert_eq!(position.since(), Some(at(3)));
        // Two lines of the last time were read, and one more has come.
        assert_eq!(read(&mut position, &[2, 2, 3, 3, 3, 4]), [3, 4]);
        assert_eq!(read(&mut position, &[3, 3, 3, 4]), Vec::<i64>::new());
        assert_eq!(read(&mut position, &[4, 4, 5]), [4, 5]);
    }

    #[test]
    fn lines_without_a_time_always_pass() {
        let mut position = Position::default();
        let mut sieve = position.sieve();
        assert!(sieve.lets_pass(&mut position, None) && sieve.lets_pass(&mut position, None));
        assert_eq!(position, Position::default());
    }

    #[test]
    fn a_clock_that_is_set_back_hides_nothing_of_one_reading() {
        let mut position = Position::default();
        assert_eq!(read(&mut position, &[5, 3, 4]), [5, 3, 4]);
        assert_eq!(position.since(), Some(at(5)));
    }
}
