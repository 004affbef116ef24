package dev.kmemu.campaign.drive;

import java.nio.file.Path;

/** A file of a campaign's directory can't be used. The message names it, why, and the way out. */
public final class CampaignFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CampaignFileException(Path file, Throwable cause) {
    super(
        file + ": " + reason(cause) + " (name another directory with --out, or remove this one)",
        cause);
  }

  private static String reason(Throwable cause) {
    return cause instanceof java.nio.file.FileSystemException
        ? cause.getClass().getSimpleName().replaceAll("Exception$", "")
            + (cause instanceof java.nio.file.FileSystemException e && e.getReason() != null
                ? ": " + e.getReason()
                : "")
        : String.valueOf(cause.getMessage());
  }
}
