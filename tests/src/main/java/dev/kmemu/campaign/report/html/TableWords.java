package dev.kmemu.campaign.report.html;

/** Titles and explanations of the tables of features that the suites are known to have. */
final class TableWords {

  private TableWords() {}

  static String title(String table) {
    return switch (table) {
      case "pte" -> "Page-table entries by access, ring and outcome";
      case "outcome" -> "Outcomes of accesses";
      case "pair" -> "Pairs of operations";
      case "situation" -> "What operations met at an address";
      case "sharing" -> "Mappings of a page that an operation is about";
      case "access" -> "Pages by access, ring and outcome";
      case "shape" -> "Shapes of the map behind an operation";
      case "answer" -> "Answers of the debug stub";
      case "nonsense" -> "Answers to packets that make no sense";
      default -> table;
    };
  }

  static String description(String table) {
    return switch (table) {
      case "pte" ->
          "The entry before the access: P present, W writable, U user, A accessed down; D dirty, "
              + "N no-execute, G global, w wired across.";
      case "pair" -> "The first of two operations down, the one that follows it across.";
      case "situation" ->
          "The operation down, the mapping that it found across; on the CPU, or in an address "
              + "space that the CPU is off.";
      case "sharing" ->
          "The operation down, the number of mappings across; 7 stands for more, too.";
      default -> "";
    };
  }
}
