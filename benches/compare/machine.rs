//! How quiet the machine was: without that, nobody can tell what the tables are worth.

use std::fs;

/// Processor time since the machine was started, in the ticks of Linux.
pub(crate) struct Ticks {
    all: u64,
    busy: u64,
    /// Wanted by this machine, and given to others by the host that it is a guest of.
    stolen: u64,
    /// Used by this program.
    own: u64,
}

impl Ticks {
    /// Nothing on other systems.
    pub(crate) fn now() -> Option<Self> {
        let numbers = |text: &str| -> Vec<u64> {
            let words = text.split_whitespace();
            words.map(|word| word.parse().unwrap_or(0)).collect()
        };
        // Of all processors: user, nice, system, idle, iowait, irq, softirq, steal.
        let machine = fs::read_to_string("/proc/stat").ok()?;
        let machine = numbers(machine.lines().next()?.strip_prefix("cpu ")?);
        let [user, nice, system, idle, waiting, hard, soft, stolen] = *machine.first_chunk()?;
        let busy = user + nice + system + hard + soft;
        // Behind the name, which may contain spaces; user and system are the 12th and the 13th.
        let own = fs::read_to_string("/proc/self/stat").ok()?;
        let own = numbers(own.rsplit_once(')')?.1);
        Some(Self {
            all: busy + idle + waiting + stolen,
            busy,
            stolen,
            own: own.get(11)? + own.get(12)?,
        })
    }

    /// Says who else had the processors since then.
    pub(crate) fn print_others(&self) {
        let Some(now) = Self::now() else { return };
        let share = |ticks: u64| ticks * 100 / (now.all - self.all).max(1);
        let others = (now.busy - self.busy).saturating_sub(now.own - self.own);
        println!(
            "\nMeanwhile other programs had {} % of the processor time, and the host took {} %.",
            share(others),
            share(now.stolen - self.stolen)
        );
    }
}
