package io.github.microsam.weights;

import io.github.microsam.weights.download.Xxh128;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Models that can be had by name.
 *
 * <p>Immutable; safe for use by several threads.
 */
public final class ModelRegistry {
  /** How far sizes that are given are from those of the files, and more. */
  private static final double SIZE_TOLERANCE = 0.15;

  /** Segment Anything's own models. */
  private static final String META = "https://dl.fbaipublicfiles.com/segment_anything/";

  /** micro-sam's models for light and electron microscopy, in the BioImage.IO model zoo. */
  private static final String ZOO = "https://uk1s3.embassy.ebi.ac.uk/public-datasets/bioimage.io/";

  /** Models at the University of Göttingen: MobileSAM's, histopathology, medical imaging. */
  private static final String CLOUD = "https://owncloud.gwdg.de/index.php/s/";

  private static final String NATURAL = "photographs (Segment Anything)";
  private static final String MOBILE = "photographs (MobileSAM)";
  private static final String LM = "light microscopy: cells and nuclei";
  private static final String EM = "electron microscopy: mitochondria and nuclei";
  private static final String PATHOLOGY = "histopathology: nuclei";
  private static final String MEDICAL = "medical imaging";

  /** The UNETR decoder has 9.5 million parameters, whatever the encoder. */
  private static final long DECODER_BYTES = 40_000_000;

  private final List<PublishedModel> models;

  private ModelRegistry(List<PublishedModel> models) {
    this.models = List.copyOf(models);
  }

  /**
   * The 14 models that micro-sam 1.8 offers (micro_sam/util.py, {@code models()}), with its
   * addresses and hashes. Sizes are those of the published Segment Anything models of the same
   * architecture.
   *
   * @return the models in micro-sam's order
   */
  public static ModelRegistry published() {
    return new ModelRegistry(
        List.of(
            plain(
                "vit_l",
                NATURAL,
                META + "sam_vit_l_0b3195.pth",
                "a82beb3c660661e3dd38d999cc860e9a"),
            plain(
                "vit_h",
                NATURAL,
                META + "sam_vit_h_4b8939.pth",
                "97698fac30bd929c2e6d8d8cc15933c2"),
            plain(
                "vit_b",
                NATURAL,
                META + "sam_vit_b_01ec64.pth",
                "6923c33df3637b6a922d7682bfc9a86b"),
            plain("vit_t", MOBILE, cloud("TuDzuwVDHd1ZDnQ"), "8eadbc88aeb9d8c7e0b4b60c3db48bd0"),
            zoo(
                "vit_l_lm",
                LM,
                "idealistic-rat/1.2",
                "017f20677997d628426dec80a8018f9d",
                "2faeafa03819dfe03e7c46a44aaac64a"),
            zoo(
                "vit_b_lm",
                LM,
                "diplomatic-bug/1.2",
                "fe9252a29f3f4ea53c15a06de471e186",
                "708b15ac620e235f90bb38612c4929ba"),
            zoo(
                "vit_t_lm",
                LM,
                "faithful-chicken/1.1",
                "72ec5074774761a6e5c05a08942f981e",
                "3e914a5f397b0312cdd36813031f8823"),
            zoo(
                "vit_l_em_organelles",
                EM,
                "humorous-crab/1.2",
                "810b084b6e51acdbf760a993d8619f2d",
                "334877640bfdaaabce533e3252a17294"),
            zoo(
                "vit_b_em_organelles",
                EM,
                "noisy-ox/1.2",
                "f3bf2ed83d691456bae2c3f9a05fb438",
                "bb6398956a6b0132c26b631c14f95ce2"),
            zoo(
                "vit_t_em_organelles",
                EM,
                "greedy-whale/1",
                "253474720c497cce605e57c9b1d18fd9",
                "8f897c7bb93174a4d1638827c4dd6f44"),
            cloud(
                "vit_b_histopathology",
                PATHOLOGY,
                "sBB4H8CTmIoBZsQ",
                "ffd1a2cd84570458b257bd95fdd8f974",
                "KO9AWqynI7SFOBj",
                "6a66194dcb6e36199cbee2214ecf7213"),
            cloud(
                "vit_l_histopathology",
                PATHOLOGY,
                "IZgnn1cpBq2PHod",
                "b591833c89754271023e901281dee3f2",
                "oIs6VSmkOp7XrKF",
                "46aab7765d4400e039772d5a50b55c04"),
            cloud(
                "vit_h_histopathology",
                PATHOLOGY,
                "L7AcvVz7DoWJ2RZ",
                "bd1856dafc156a43fb3aa705f1a6e92e",
                "1qAKxy5H0jgwZvM",
                "3ed9f87e46ad5e16935bd8d722c8dc47"),
            cloud(
                "vit_b_medical_imaging",
                MEDICAL,
                "f5Ol4FrjPQWfjUF",
                "40169f1e3c03a4b67bff58249c176d92",
                "ahd3ZhZl2e0RIwz",
                "9e498b12f526f119b96c88be76e3b2ed")));
  }

  /**
   * A registry of other models, for a mirror or a group's own.
   *
   * @param models the models
   * @return a registry that holds just these
   * @throws IllegalArgumentException if two files have the same key
   */
  public static ModelRegistry of(List<PublishedModel> models) {
    Set<String> keys = new HashSet<>();
    for (PublishedModel model : models) {
      for (PublishedFile file : model.files()) {
        if (!keys.add(file.key())) {
          throw new IllegalArgumentException("two files are called " + file.key());
        }
      }
    }
    return new ModelRegistry(models);
  }

  /**
   * All models.
   *
   * @return an immutable list
   */
  public List<PublishedModel> models() {
    return models;
  }

  /**
   * The model of a name.
   *
   * @param name for instance {@code vit_b_lm}
   * @return the model
   * @throws IllegalArgumentException if there is none; the message lists the names
   */
  public PublishedModel model(String name) {
    return models.stream()
        .filter(model -> model.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "There is no published model \""
                        + name
                        + "\"; there are: "
                        + models.stream()
                            .map(PublishedModel::name)
                            .collect(Collectors.joining(", "))));
  }

  /**
   * The model whose weights a file has, whatever the file is called. Only files of about the size
   * of a model's are read for their hash, which takes a fraction of the time that loading takes.
   *
   * @param file any file
   * @return the model, if it is one of these
   * @throws IOException if the file cannot be read
   */
  public Optional<PublishedModel> recognise(Path file) throws IOException {
    long bytes = Files.size(file);
    List<PublishedModel> alike =
        models.stream()
            .filter(
                model -> {
                  long expected = model.weights().approximateBytes();
                  return Math.abs(bytes - expected) <= SIZE_TOLERANCE * expected;
                })
            .toList();
    if (alike.isEmpty()) {
      return Optional.empty();
    }
    String hash = Xxh128.of(file);
    return alike.stream().filter(model -> model.weights().xxh128().equals(hash)).findFirst();
  }

  private static PublishedModel plain(String name, String purpose, String source, String hash) {
    return new PublishedModel(name, purpose, weights(name, source, hash), Optional.empty());
  }

  private static PublishedModel zoo(
      String name, String purpose, String entry, String hash, String decoderHash) {
    String file = ZOO + entry + "/files/" + name.substring(0, 5);
    return new PublishedModel(
        name,
        purpose,
        weights(name, file + ".pt", hash),
        Optional.of(decoder(name, file + "_decoder.pt", decoderHash)));
  }

  private static PublishedModel cloud(
      String name,
      String purpose,
      String share,
      String hash,
      String decoderShare,
      String decoderHash) {
    return new PublishedModel(
        name,
        purpose,
        weights(name, cloud(share), hash),
        Optional.of(decoder(name, cloud(decoderShare), decoderHash)));
  }

  private static String cloud(String share) {
    return CLOUD + share + "/download";
  }

  private static PublishedFile weights(String name, String source, String hash) {
    return new PublishedFile(name, URI.create(source), hash, bytes(name.charAt(4)));
  }

  private static PublishedFile decoder(String name, String source, String hash) {
    return new PublishedFile(name + "_decoder", URI.create(source), hash, DECODER_BYTES);
  }

  /** Sizes of Segment Anything's and MobileSAM's own files. */
  private static long bytes(char type) {
    return switch (type) {
      case 't' -> 40_700_000;
      case 'b' -> 375_000_000;
      case 'l' -> 1_250_000_000;
      default -> 2_560_000_000L;
    };
  }
}
