package dev.kmemu.campaign.report.kva;

import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.List;

/**
 * Kernel virtual memory at one moment.
 *
 * @param moment when it was, such as {@code where failure 1 shows}
 * @param start the first address
 * @param bytes the size of the address space
 * @param lanes what fills it, seen in different ways
 * @param tables the pages of page tables, of the kernel's and of the users' address spaces
 * @param moreTables whether there were more of them than are looked at
 */
public record KvaPicture(
    String moment,
    VirtualAddress start,
    long bytes,
    List<KvaLane> lanes,
    List<TablePage> tables,
    boolean moreTables)
    implements KvaView {

  /** Copies the lists. */
  public KvaPicture {
    lanes = List.copyOf(lanes);
    tables = List.copyOf(tables);
  }
}
