using System.Runtime.InteropServices;
using AiDc.Trainer.Data;
using AiDc.Trainer.Data.Folders;
using AiDc.Trainer.Models;

namespace AiDc.Trainer.Serving.Models;

/// <summary>Brings an image of a request to what the training made of its images: the same decoder, size, channels and normalization.</summary>
internal sealed class ImageInput
{
    private const string Advice = "Send a whole PNG or JPEG file";

    /// <summary>Decoding takes 4 bytes of memory for each pixel, and a small file can declare many.</summary>
    private const long MostPixels = 16L << 20;

    /// <summary>Above this one image is decoded at a time, so that many at once cannot take all memory.</summary>
    private const long SeveralAtOnce = 2L << 20;

    private readonly string _name;
    private readonly ModelSpec _spec;
    private readonly (float Scale, float Shift)[] _factors;
    private readonly Lock _large = new();

    public ImageInput(string name, ModelSpec spec, Normalization normalization)
    {
        (_name, _spec) = (name, spec);
        _factors = [.. normalization.Mean.Zip(normalization.Std, PixelNormalizer.Factors)];
    }

    /// <returns>float32 [1, Channels, Height, Width].</returns>
    public TensorValue Decode(ReadOnlyMemory<byte> content)
    {
        try
        {
            var bytes = content.ToArray();
            var file = new ImageFile("image", "image", () => bytes);
            var head = ImageDecoder.Header(file, bytes);
            var pixels = (long)head.Height * head.Width;
            if (pixels > MostPixels)
                throw new ModelInputException(_name, $"the image declares {head.Width}x{head.Height} pixels, at most {MostPixels >> 20} million are taken", "Make it smaller before it is sent");
            if (pixels <= SeveralAtOnce) return Normalise(ImageDecoder.Decode(file, bytes, _spec.Channels));
            lock (_large) return Normalise(ImageDecoder.Decode(file, bytes, _spec.Channels));
        }
        catch (DataException error)
        {
            throw new ModelInputException(_name, $"the image {error.Problem}", Advice, error);
        }
    }

    private TensorValue Normalise(Raster image)
    {
        var plane = _spec.Height * _spec.Width;
        var pixels = new byte[_spec.Channels * plane];
        Letterbox.Fit(image, _spec.Height, _spec.Width, pixels);
        var data = GC.AllocateUninitializedArray<byte>(pixels.Length * sizeof(float));
        var values = MemoryMarshal.Cast<byte, float>(data.AsSpan());
        for (var c = 0; c < _factors.Length; c++)
            PixelNormalizer.Apply(pixels.AsSpan(c * plane, plane), values.Slice(c * plane, plane), _factors[c].Scale, _factors[c].Shift);
        return new(_name, Datatype.Fp32, [1, _spec.Channels, _spec.Height, _spec.Width], data);
    }
}
