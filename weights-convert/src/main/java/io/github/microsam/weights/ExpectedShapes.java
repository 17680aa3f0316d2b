package io.github.microsam.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys and shapes that a model of a given architecture has (segment_anything/modeling,
 * mobile_sam/modeling/tiny_vit_sam.py, torch_em/model/unetr.py).
 */
final class ExpectedShapes {
  /** Hidden channels of TinyViT's blocks, in units of their width. */
  private static final int TINY_VIT_EXPANSION = 4;

  /** The classifier that MobileSAM's files carry along unused, and its norm. */
  private static final int TINY_VIT_CLASSES = 1000;

  private final Map<String, long[]> shapes = new LinkedHashMap<>();

  private ExpectedShapes() {}

  /**
   * The shapes of a model by key.
   *
   * @param parts the architecture
   * @param width channels of the embedding
   */
  static Map<String, long[]> of(ModelParts parts, int width) {
    ExpectedShapes expected = new ExpectedShapes();
    if (parts.encoder().orElse(null) instanceof VitConfig vit) {
      expected.vit(vit);
    } else if (parts.encoder().orElse(null) instanceof TinyVitConfig tiny) {
      expected.tinyVit(tiny);
    }
    parts.maskDecoder().ifPresent(m -> expected.promptEncoder(m, width));
    parts.maskDecoder().ifPresent(m -> expected.maskDecoder(m, width));
    parts.unetr().ifPresent(u -> expected.unetr(u, width));
    return expected.shapes;
  }

  private void vit(VitConfig vit) {
    String at = "image_encoder.";
    int grid = vit.embeddingSize();
    int width = vit.width();
    put(at + "pos_embed", 1, grid, grid, width);
    weighted(at + "patch_embed.proj", width, 3, vit.patchSize(), vit.patchSize());
    for (int i = 0; i < vit.depth(); i++) {
      String block = at + "blocks." + i + ".";
      int side = vit.globalBlocks().contains(i) ? grid : vit.window();
      weighted(block + "norm1", width);
      put(block + "attn.rel_pos_h", 2L * side - 1, width / vit.heads());
      put(block + "attn.rel_pos_w", 2L * side - 1, width / vit.heads());
      weighted(block + "attn.qkv", 3L * width, width);
      weighted(block + "attn.proj", width, width);
      weighted(block + "norm2", width);
      weighted(block + "mlp.lin1", vit.mlpWidth(), width);
      weighted(block + "mlp.lin2", width, vit.mlpWidth());
    }
    neck(width, vit.outChannels());
  }

  private void neck(int width, int out) {
    put("image_encoder.neck.0.weight", out, width, 1, 1);
    weighted("image_encoder.neck.1", out);
    put("image_encoder.neck.2.weight", out, out, 3, 3);
    weighted("image_encoder.neck.3", out);
  }

  private void tinyVit(TinyVitConfig tiny) {
    List<Integer> widths = tiny.widths();
    normedConv("image_encoder.patch_embed.seq.0", widths.get(0) / 2, 3, 3);
    normedConv("image_encoder.patch_embed.seq.2", widths.get(0), widths.get(0) / 2, 3);
    for (int i = 0; i < widths.size(); i++) {
      String stage = "image_encoder.layers." + i + ".";
      for (int j = 0; j < tiny.depths().get(i); j++) {
        if (i == 0) {
          convBlock(stage + "blocks." + j + ".", widths.get(0));
        } else {
          attentionBlock(stage + "blocks." + j + ".", tiny, i);
        }
      }
      if (i + 1 < widths.size()) {
        int next = widths.get(i + 1);
        normedConv(stage + "downsample.conv1", next, widths.get(i), 1);
        normedConv(stage + "downsample.conv2", next, 1, 3);
        normedConv(stage + "downsample.conv3", next, next, 1);
      }
    }
    int last = widths.get(widths.size() - 1);
    weighted("image_encoder.norm_head", last);
    weighted("image_encoder.head", TINY_VIT_CLASSES, last);
    neck(last, tiny.outChannels());
  }

  private void convBlock(String block, int width) {
    int hidden = width * TINY_VIT_EXPANSION;
    normedConv(block + "conv1", hidden, width, 1);
    normedConv(block + "conv2", hidden, 1, 3);
    normedConv(block + "conv3", width, hidden, 1);
  }

  private void attentionBlock(String block, TinyVitConfig tiny, int stage) {
    int width = tiny.widths().get(stage);
    int window = tiny.windows().get(stage);
    put(block + "attn.attention_biases", tiny.heads().get(stage), (long) window * window);
    weighted(block + "attn.norm", width);
    weighted(block + "attn.qkv", 3L * width, width);
    weighted(block + "attn.proj", width, width);
    weighted(block + "mlp.norm", width);
    weighted(block + "mlp.fc1", (long) width * TINY_VIT_EXPANSION, width);
    weighted(block + "mlp.fc2", width, (long) width * TINY_VIT_EXPANSION);
    normedConv(block + "local_conv", width, 1, 3);
  }

  private void promptEncoder(MaskDecoderConfig m, int width) {
    String at = "prompt_encoder.";
    put(at + "pe_layer.positional_encoding_gaussian_matrix", 2, width / 2);
    for (int i = 0; i < 4; i++) {
      put(at + "point_embeddings." + i + ".weight", 1, width);
    }
    put(at + "not_a_point_embed.weight", 1, width);
    int channels = m.maskChannels();
    weighted(at + "mask_downscaling.0", channels / 4, 1, 2, 2);
    weighted(at + "mask_downscaling.1", channels / 4);
    weighted(at + "mask_downscaling.3", channels, channels / 4, 2, 2);
    weighted(at + "mask_downscaling.4", channels);
    weighted(at + "mask_downscaling.6", width, channels, 1, 1);
    put(at + "no_mask_embed.weight", 1, width);
  }

  private void maskDecoder(MaskDecoderConfig m, int width) {
    String at = "mask_decoder.";
    for (int i = 0; i < m.depth(); i++) {
      String layer = at + "transformer.layers." + i + ".";
      attention(layer + "self_attn.", width, width);
      attention(layer + "cross_attn_token_to_image.", width, width / 2);
      attention(layer + "cross_attn_image_to_token.", width, width / 2);
      weighted(layer + "mlp.lin1", m.mlpWidth(), width);
      weighted(layer + "mlp.lin2", width, m.mlpWidth());
      for (int n = 1; n <= 4; n++) {
        weighted(layer + "norm" + n, width);
      }
    }
    attention(at + "transformer.final_attn_token_to_image.", width, width / 2);
    weighted(at + "transformer.norm_final_attn", width);
    int masks = m.multimaskOutputs() + 1;
    put(at + "iou_token.weight", 1, width);
    put(at + "mask_tokens.weight", masks, width);
    put(at + "output_upscaling.0.weight", width, width / 4, 2, 2);
    put(at + "output_upscaling.0.bias", width / 4);
    weighted(at + "output_upscaling.1", width / 4);
    put(at + "output_upscaling.3.weight", width / 4, width / 8, 2, 2);
    put(at + "output_upscaling.3.bias", width / 8);
    for (int i = 0; i < masks; i++) {
      mlp(at + "output_hypernetworks_mlps." + i, 3, width, width, width / 8);
    }
    mlp(at + "iou_prediction_head", m.iouHeadDepth(), width, m.iouHeadWidth(), masks);
  }

  private void attention(String at, int width, int inner) {
    weighted(at + "q_proj", inner, width);
    weighted(at + "k_proj", inner, width);
    weighted(at + "v_proj", inner, width);
    weighted(at + "out_proj", width, inner);
  }

  private void mlp(String at, int depth, int in, int hidden, int out) {
    for (int i = 0; i < depth; i++) {
      weighted(at + ".layers." + i, i == depth - 1 ? out : hidden, i == 0 ? in : hidden);
    }
  }

  private void unetr(UnetrConfig u, int width) {
    int in = width;
    int out = u.initialFeatures() << (u.upsamplings() - 1);
    twoConvs("base", out, in);
    for (int i = 1; i <= u.upsamplings(); i++) {
      String deconv = "deconv" + i + ".block.";
      upsampler(deconv + "0", u.transposed(), out, in);
      weighted(deconv + "1.block", out, out, 3, 3);
      batchNorm(deconv + "2", out);
      if (i > 1) {
        twoConvs("decoder.blocks." + (i - 2), out, in);
        upsampler("decoder.samplers." + (i - 2), u.transposed(), out, in);
      }
      in = out;
      out /= 2;
    }
    upsampler("deconv_out", u.transposed(), u.initialFeatures(), u.initialFeatures());
    twoConvs("decoder_head", u.initialFeatures(), 2 * u.initialFeatures());
    weighted("out_conv", u.outChannels(), u.initialFeatures(), 1, 1);
  }

  private void twoConvs(String at, int out, int in) {
    weighted(at + ".block.1", out, in, 3, 3);
    weighted(at + ".block.4", out, out, 3, 3);
  }

  private void upsampler(String at, boolean transposed, int out, int in) {
    if (transposed) {
      put(at + ".block.weight", in, out, 2, 2);
      put(at + ".block.bias", out);
    } else {
      weighted(at + ".conv", out, in, 1, 1);
    }
  }

  private void normedConv(String at, int out, int in, int kernel) {
    put(at + ".c.weight", out, in, kernel, kernel);
    batchNorm(at + ".bn", out);
  }

  private void batchNorm(String at, int width) {
    weighted(at, width);
    put(at + ".running_mean", width);
    put(at + ".running_var", width);
    put(at + ".num_batches_tracked");
  }

  /** A weight and the bias that goes with its first axis. */
  private void weighted(String at, long... shape) {
    put(at + ".weight", shape);
    put(at + ".bias", shape[0]);
  }

  private void put(String key, long... shape) {
    shapes.put(key, shape);
  }
}
