namespace AiDc.Trainer.Serving.Models;

/// <summary>Makes the model's input of an encoded image, as the training did with its images.</summary>
/// <param name="decode">From the bytes of a file, for many threads at a time; throws <see cref="ModelInputException"/>.</param>
public sealed class InputPreprocessing(string input, Func<ReadOnlyMemory<byte>, TensorValue> decode)
{
    /// <summary>The name of the input that it makes.</summary>
    public string Input { get; } = input;

    /// <summary>One image as one sample: the first dimension of the result is 1.</summary>
    /// <param name="content">A PNG or JPEG file, what it is is found by its content.</param>
    /// <exception cref="ModelInputException">It is no image, is damaged, or is too large.</exception>
    public TensorValue Decode(ReadOnlyMemory<byte> content) => decode(content);
}
