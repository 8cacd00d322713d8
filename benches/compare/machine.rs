//! How quiet the machine was. Other programs distort the tables.

use std::fs;

/// Processor time since the start of the machine, in ticks of Linux.
pub(crate) struct Ticks {
    all: u64,
    busy: u64,
    /// Time that the host of this virtual machine gave to others.
    stolen: u64,
    /// Time that this program and the processes that it waited for used.
    own: u64,
}

impl Ticks {
    /// Returns the times up to now, or `None` on systems other than Linux.
    pub(crate) fn now() -> Option<Self> {
        let numbers = |text: &str| -> Vec<u64> {
            let words = text.split_whitespace();
            words.map(|word| word.parse().unwrap_or(0)).collect()
        };
        // The numbers are user, nice, system, idle, iowait, irq, softirq and steal, for all
        // processors.
        let machine = fs::read_to_string("/proc/stat").ok()?;
        let machine = numbers(machine.lines().next()?.strip_prefix("cpu ")?);
        let [user, nice, system, idle, waiting, hard, soft, stolen] = *machine.first_chunk()?;
        let busy = user + nice + system + hard + soft;
        // The name ends with a bracket and may contain spaces. User and system are the 12th and the
        // 13th number behind it, and those of the processes that it waited for come next.
        let own = fs::read_to_string("/proc/self/stat").ok()?;
        let own = numbers(own.rsplit_once(')')?.1);
        Some(Self {
            all: busy + idle + waiting + stolen,
            busy,
            stolen,
            own: own.get(11..15)?.iter().sum(),
        })
    }

    /// Prints which share of the processor time since then went to others.
    pub(crate) fn print_others(&self) {
        let Some(now) = Self::now() else { return };
        let share = |ticks: u64| ticks * 100 / (now.all - self.all).max(1);
        let others = (now.busy - self.busy).saturating_sub(now.own - self.own);
        println!(
            "\nMeanwhile other programs used {} % of the processor time, and the host took {} %.",
            share(others),
            share(now.stolen - self.stolen)
        );
    }
}
