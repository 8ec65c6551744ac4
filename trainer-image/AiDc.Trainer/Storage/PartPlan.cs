namespace AiDc.Trainer.Storage;

/// <summary>
/// The sizes of the parts of an upload whose length is not known before. Equal at first, as some servers demand of small objects, then
/// larger, since an object may have 10 000 parts (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html).
/// </summary>
internal static class PartPlan
{
    public const int MaximumParts = 10_000;

    /// <summary>In bytes. S3 asks for at least 5 MiB.</summary>
    public const int FirstSize = 16 << 20;

    private const int PartsOfOneSize = 2_500;

    /// <param name="number">Counts from 1, as S3 does.</param>
    /// <returns>In bytes: 16 MiB up to part 2500 (39 GiB), then 32, 64 and 128 MiB; 585 GiB in all.</returns>
    public static int SizeOf(int number) => number is >= 1 and <= MaximumParts
        ? FirstSize << ((number - 1) / PartsOfOneSize)
        : throw new ArgumentOutOfRangeException(nameof(number), number, "an object in S3 has 1 to 10 000 parts");
}
