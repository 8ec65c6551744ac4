using System.Buffers.Binary;

namespace AiDc.Trainer.Tests.Data;

/// <summary>Builds IDX files.</summary>
internal static class IdxFiles
{
    public static byte[] Images(int count, int height, int width, uint magic = 0x803, int? declared = null) =>
        [.. Word(magic), .. Word((uint)(declared ?? count)), .. Word((uint)height), .. Word((uint)width),
            .. Enumerable.Range(0, count * height * width).Select(i => (byte)(i * 7))];

    public static byte[] Labels(byte[] labels, uint magic = 0x801, int? declared = null) =>
        [.. Word(magic), .. Word((uint)(declared ?? labels.Length)), .. labels];

    /// <summary>Three images of 2x3 with labels 1, 0, 9 to train, two to test.</summary>
    public static void WriteSmall(TempFolder folder)
    {
        folder.Write("train-images-idx3-ubyte", Images(3, 2, 3));
        folder.Write("train-labels-idx1-ubyte", Labels([1, 0, 9]));
        folder.Write("t10k-images-idx3-ubyte.gz", TempFolder.Gzip(Images(2, 2, 3)));
        folder.Write("t10k-labels-idx1-ubyte.gz", TempFolder.Gzip(Labels([4, 5])));
    }

    public static byte[] Word(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
