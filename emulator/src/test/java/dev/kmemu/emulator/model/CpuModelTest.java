package dev.kmemu.emulator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpuModelTest {

  @Test
  void maxHasAllThereIs() {
    assertThat(CpuModel.parse("max").features()).isEqualTo(EnumSet.allOf(CpuFeature.class));
    assertThat(CpuModel.parse("max")).isEqualTo(CpuModel.MAX);
  }

  @Test
  void featuresAreAddedAndTakenAwayInTurn() {
    CpuModel model = CpuModel.parse("x86-64,+smep,-nx,+sse4_1,+nx,-smep");

    assertThat(model.has(CpuFeature.SSE4_1)).isTrue();
    assertThat(model.has(CpuFeature.NX)).isTrue();
    assertThat(model.has(CpuFeature.SMEP)).isFalse();
    assertThat(model.has(CpuFeature.SMAP)).isFalse();
  }

  @Test
  void withoutANameItIsMax() {
    assertThat(CpuModel.parse("-smep")).isEqualTo(CpuModel.parse("max,-smep"));
  }

  @Test
  void whatStandsOnAFeatureGoesAndComesWithIt() {
    assertThat(CpuModel.parse("max,-xsave").has(CpuFeature.PKU)).isFalse();
    assertThat(CpuModel.parse("max,-apic").has(CpuFeature.X2APIC)).isFalse();
    assertThat(CpuModel.parse("qemu64,+pku").has(CpuFeature.XSAVE)).isTrue();
  }

  @Test
  void itsTextParsesToTheSame() {
    CpuModel model = CpuModel.parse("x86-64-v2,+smap,model-id=A, B".replace(", B", "B"));

    assertThat(CpuModel.parse(model.toString())).isEqualTo(model);
    assertThat(model.toString()).contains("-smep", "model-id=AB").doesNotContain("-smap");
  }

  @ParameterizedTest
  @ValueSource(strings = {"max,-avx", "max,+sse2", "qemu64,+lm,-vmx"})
  void whatIsAsWishedAnywayIsTaken(String text) {
    assertThat(CpuModel.parse(text).features())
        .isEqualTo(CpuModel.parse(text.substring(0, text.indexOf(','))).features());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "i486 | no processor 'i486' (there are max, qemu64, x86-64, x86-64-v2)",
        "x86-64-v3 | no AVX",
        "max,+avx | 'avx' can't be had: the engine has no AVX",
        "max,+rdrand | wouldn't repeat",
        "max,-lm | 'lm' can't be taken away",
        "max,-mtrr | its registers anyway",
        "max,+smpe | 'smpe' is unknown (there are de, pse",
        "max,smep | begins with neither + nor -",
        "'' | no processor ''",
        "max, | begins with neither",
        "max,model-id=12345678901234567890123456789012345678901234567890 | up to 47 characters",
      })
  void whatCannotBeIsRefusedWithTheReason(String text, String reason) {
    assertThatThrownBy(() -> CpuModel.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }
}
