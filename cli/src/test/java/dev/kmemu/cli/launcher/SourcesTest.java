package dev.kmemu.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the machine's apt sources become the one that libunicorn is fetched from. */
class SourcesTest {
  private Sandbox sandbox;
  private Path parts;

  @BeforeEach
  void noSources(@TempDir Path directory) {
    sandbox = Sandbox.complete(directory);
    sandbox.remove(sandbox.system.resolve("etc/apt/sources.list"));
    parts = sandbox.system.resolve("etc/apt/sources.list.d");
  }

  private String sourceFetchedFrom() {
    Outcome outcome = sandbox.kmemu("setup");
    assertThat(outcome.errors()).isEmpty();
    return sandbox.calls();
  }

  @Test
  void aOneLineSourceKeepsItsAddressAndKeys() {
    sandbox.write(
        sandbox.system.resolve("etc/apt/sources.list"),
        """
        # deb http://commented.invalid/debian bookworm main
        deb cdrom:[Debian 12 _Bookworm_]/ bookworm main
        deb-src http://archive.invalid/debian bookworm main
        deb http://security.invalid/debian bookworm-security main
        deb http://archive.invalid/debian bookworm-updates main
        deb [ arch=amd64 signed-by=/keys/a.gpg ] http://archive.invalid/debian bookworm main # x
        """);

    assertThat(sourceFetchedFrom())
        .contains(
            "\ndeb [target=Packages arch=amd64 signed-by=/keys/a.gpg]"
                + " http://archive.invalid/debian trixie main\n")
        .doesNotContain("bookworm", "cdrom", "security.invalid", "commented.invalid", "deb-src");
  }

  @Test
  void aParagraphKeepsItsAddressAndEmbeddedKey() {
    sandbox.write(
        parts.resolve("debian.sources"),
        """
        Types: deb
        URIs: http://off.invalid/debian
        Suites: bookworm
        Components: main
        Enabled: no

        # The one in use
        Types: deb deb-src
        URIs:
         http://archive.invalid/debian
        Suites: bookworm bookworm-updates
        Components: main contrib
        Signed-By:
         -----BEGIN PGP PUBLIC KEY BLOCK-----
         .
         mQINBGPL0BUBEADmW5NdOOHwPIJlgPu6JDcKw/NZJPR8lsD3K87ZM18gzyQZJD+w
         -----END PGP PUBLIC KEY BLOCK-----
        """);

    assertThat(sourceFetchedFrom())
        .contains(
            """
            Types: deb
            URIs:
             http://archive.invalid/debian
            Signed-By:
             -----BEGIN PGP PUBLIC KEY BLOCK-----
             .
             mQINBGPL0BUBEADmW5NdOOHwPIJlgPu6JDcKw/NZJPR8lsD3K87ZM18gzyQZJD+w
             -----END PGP PUBLIC KEY BLOCK-----
            Suites: trixie
            Components: main
            Targets: Packages
            """)
        .doesNotContain("off.invalid", "deb-src", "bookworm", "contrib");
  }

  @Test
  void aSourceThatIsTrustedUncheckedLosesThatTrust() {
    sandbox.write(
        sandbox.system.resolve("etc/apt/sources.list"),
        "deb [trusted=yes allow-insecure=yes] http://archive.invalid/debian bookworm main\n");
    assertThat(sourceFetchedFrom())
        .contains("\ndeb [target=Packages] http://archive.invalid/debian trixie main\n");
  }

  @Test
  void aParagraphThatIsTrustedUncheckedLosesThatTrust() {
    sandbox.write(
        parts.resolve("local.sources"),
        """
        Types: deb
        URIs: http://archive.invalid/debian
        Suites: bookworm
        Components: main
        Trusted: yes
        Allow-Insecure: yes
        """);

    assertThat(sourceFetchedFrom())
        .contains("Suites: trixie")
        .doesNotContainIgnoringCase("trusted: ")
        .doesNotContain("Allow-Insecure: ");
  }

  @Test
  void theDistributionsFileComesBeforeAThirdPartysWithTheSameSuite() {
    sandbox.write(parts.resolve("another.list"), "deb http://third.invalid/debian bookworm main\n");
    sandbox.write(
        parts.resolve("debian.sources"),
        "Types: deb\nURIs: http://archive.invalid/debian\nSuites: bookworm\nComponents: main\n");

    assertThat(sourceFetchedFrom()).contains("archive.invalid").doesNotContain("third.invalid");
  }

  @Test
  void withoutASourceOfTheSuiteTheErrorNamesTheSuite() {
    sandbox.write(
        parts.resolve("third.list"), "deb http://third.invalid/debian bookworm-tools main\n");

    Outcome outcome = sandbox.kmemu("setup");

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.errors()).hasLineCount(1).contains("no enabled source of bookworm main");
  }

  @ParameterizedTest
  @CsvSource({
    "debian, bullseye, trixie main",
    "debian, bookworm, trixie main",
    "debian, trixie, trixie main",
    "debian, forky, forky main",
    "ubuntu, jammy, resolute universe",
    "ubuntu, noble, resolute universe",
    "ubuntu, questing, questing universe",
    "ubuntu, resolute, resolute universe",
  })
  void eachReleaseFetchesFromTheNearestOneWhoseLibraryServes(
      String id, String codename, String fetched) {
    sandbox.describeSystem(id, codename);
    sandbox.write(
        sandbox.system.resolve("etc/apt/sources.list"),
        "deb http://archive.invalid/a " + codename + " main universe\n");

    assertThat(sourceFetchedFrom())
        .contains("\ndeb [target=Packages] http://archive.invalid/a " + fetched + "\n");
  }
}
