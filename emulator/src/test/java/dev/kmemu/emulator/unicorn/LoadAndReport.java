package dev.kmemu.emulator.unicorn;

/** Loads the library in a JVM of its own and says how that went: a JVM loads one library. */
final class LoadAndReport {

  private LoadAndReport() {}

  public static void main(String[] args) {
    try {
      System.out.print("loaded " + UnicornLoader.load().version());
    } catch (UnicornException e) {
      System.out.print(e.getMessage());
    }
  }
}
