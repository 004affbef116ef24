package dev.kmemu.campaign.report.kva;

/** A picture of KVA, or why there is none. */
public sealed interface KvaView permits KvaPicture, KvaView.Missing {

  /**
   * There is no picture.
   *
   * @param reason why, a whole sentence
   */
  record Missing(String reason) implements KvaView {}
}
