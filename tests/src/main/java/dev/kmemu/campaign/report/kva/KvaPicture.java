package dev.kmemu.campaign.report.kva;

import java.util.List;

/**
 * Kernel virtual memory, and the user address spaces, at one moment.
 *
 * @param moment when it was, such as {@code where failure 1 shows}
 * @param kernel KVA
 * @param users the user address spaces
 * @param tables the pages of page tables of all of them
 * @param moreTables whether there were more of them than are looked at
 */
public record KvaPicture(
    String moment,
    AddressPicture kernel,
    List<AddressPicture> users,
    List<TablePage> tables,
    boolean moreTables)
    implements KvaView {

  /** Copies the lists. */
  public KvaPicture {
    users = List.copyOf(users);
    tables = List.copyOf(tables);
  }
}
