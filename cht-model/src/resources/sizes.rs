//! What each size gives each program. `docs/SIZING.md` says where the numbers come from.

use super::{Program, Resources, Size};
use crate::{Cpu, Quantity};

/// Thousandths of a processor, and mebibytes of memory: requested, and at most.
type Row = (u64, u32, u32);

/// For small, medium and large.
fn rows(program: Program) -> [Row; 3] {
    match program {
        Program::CouchDb => [(200, 1024, 8192), (1000, 4096, 16384), (4000, 8192, 32768)],
        Program::Nouveau => [(50, 256, 4096), (200, 1024, 8192), (500, 2048, 16384)],
        Program::HaProxy => [(50, 128, 2048), (200, 256, 4096), (500, 512, 8192)],
        Program::HealthCheck => [(10, 32, 256), (10, 32, 256), (20, 64, 256)],
        Program::Api => [(100, 512, 4096), (500, 1024, 4096), (1000, 2048, 8192)],
        Program::Sentinel => [(50, 256, 4096), (200, 512, 4096), (500, 1024, 8192)],
        Program::UpgradeService => [(10, 128, 512); 3],
    }
}

/// What a size gives a program.
pub(super) fn resources(size: Size, program: Program) -> Resources {
    let (cpu, requested, most) = rows(program)[size as usize];
    Resources {
        cpu_request: Cpu::thousandths(cpu),
        // Whoever indexes takes a whole processor for hours. Held back, it takes days, while the processor idles.
        cpu_limit: None,
        memory_request: Quantity::mebibytes(requested),
        memory_limit: Quantity::mebibytes(most),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_sizes_give_no_less() {
        for program in Program::ALL {
            let [small, medium, large] = Size::ALL.map(|size| resources(size, program));
            for (less, more) in [(&small, &medium), (&medium, &large)] {
                assert!(less.cpu_request <= more.cpu_request, "{program:?}");
                assert!(less.memory_request <= more.memory_request, "{program:?}");
                assert!(less.memory_limit <= more.memory_limit, "{program:?}");
                assert!(less.memory_request <= less.memory_limit, "{program:?}");
            }
            assert!(large.memory_request <= large.memory_limit, "{program:?}");
        }
    }

    /// A laptop of 4 GiB runs one small instance beside Kubernetes itself; twelve machines of four processors and 16 GiB
    /// run fifty.
    #[test]
    fn a_small_instance_fits_small_machines() {
        let of_5_x = Program::ALL.into_iter().filter(|program| *program != Program::UpgradeService);
        let (mut cpu, mut memory) = (0, 0);
        for (requested_cpu, requested, _) in of_5_x.map(|program| rows(program)[0]) {
            cpu += requested_cpu;
            memory += requested;
        }
        assert!(memory <= 2560, "{memory} MiB");
        assert!(50 * cpu <= 12 * 4000 && 50 * memory <= 12 * 12 * 1024, "{cpu} thousandths, {memory} MiB");
    }

    #[test]
    fn the_documentation_has_the_numbers() {
        let documentation = include_str!("../../../docs/SIZING.md");
        for program in Program::ALL {
            for size in Size::ALL {
                let Resources { cpu_request, memory_request, memory_limit, .. } = resources(size, program);
                let row = format!(
                    "| `{}` | `{size}` | {cpu_request} | {memory_request} | {memory_limit} |\n",
                    program.section()
                );
                assert!(documentation.contains(&row), "not in docs/SIZING.md: {row}");
            }
        }
    }
}
