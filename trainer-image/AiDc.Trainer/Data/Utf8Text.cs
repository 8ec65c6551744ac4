using System.Text;

namespace AiDc.Trainer.Data;

/// <summary>Text files as people write them: UTF-8, with or without the byte order mark that some editors put at the start.</summary>
internal static class Utf8Text
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>The content without the mark, which is not a part of the text and which JSON does not allow (RFC 8259, 8.1).</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> content) => content.StartsWith(Mark) ? content[Mark.Length..] : content;

    /// <exception cref="DataException">It is not UTF-8.</exception>
    public static string Decode(string file, ReadOnlySpan<byte> content)
    {
        try
        {
            return Strict.GetString(WithoutMark(content));
        }
        catch (DecoderFallbackException e)
        {
            throw new DataException(file, "is not a text in UTF-8", "Save it as UTF-8", e);
        }
    }
}
