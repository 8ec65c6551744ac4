namespace AiDc.Trainer.Serving.Models;

/// <summary>A model that answers.</summary>
public interface IServedModel : IDisposable
{
    ModelMetadata Metadata { get; }

    /// <summary>Not null: the model takes images, and bodies of image/png and image/jpeg are welcome.</summary>
    InputPreprocessing? Images { get; }

    /// <summary>Looks at a request's inputs before they are joined with those of others: names, types, sizes, lengths.</summary>
    /// <exception cref="ModelInputException">The model does not take them; it names the input and what to do about it.</exception>
    void Check(IReadOnlyList<TensorValue> inputs);

    /// <summary>
    /// Computes one batch: the first dimension of each tensor counts samples. Called by one thread at a time; that thread may change.
    /// Nothing of the result refers to the inputs' memory.
    /// </summary>
    /// <param name="inputs">In any order.</param>
    /// <exception cref="ModelInputException">The model does not take them; it names the input and what to do about it.</exception>
    IReadOnlyList<TensorValue> Run(IReadOnlyList<TensorValue> inputs);
}

/// <summary>What a loaded model is, as the protocol's metadata of a model tells it.</summary>
/// <param name="Name">By which requests call it.</param>
/// <param name="Versions">At least one.</param>
/// <param name="Platform">Such as <c>aidc_torch</c>, <c>pytorch_torchscript</c> or <c>onnxruntime_onnx</c>.</param>
/// <param name="Inputs">In the order that the model takes them.</param>
/// <param name="Outputs">In the order that the model gives them; empty where the model does not say before it has run.</param>
public sealed record ModelMetadata(
    string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorMetadata> Inputs, IReadOnlyList<TensorMetadata> Outputs)
{
    /// <summary>What the values of the last dimension of the first output stand for, in their order; null where that is not known.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>
    /// Whether requests may be joined on the first dimension, and the outputs taken apart again there. Not where an input's first
    /// dimension is fixed, or an output's does not count samples: each request is then computed by itself.
    /// </summary>
    public bool Batches { get; init; } = true;
}

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

/// <summary>A request's input that the model does not take: the fault of who sent it, and of no other request of the batch.</summary>
/// <param name="input">The input at fault.</param>
/// <param name="problem">What is wrong with it: expected and found. No full stop.</param>
/// <param name="advice">What to do about it. No full stop.</param>
public sealed class ModelInputException(string input, string problem, string advice, Exception? inner = null)
    : Exception($"input '{input}': {problem}. {advice}", inner)
{
    public string Input { get; } = input;

    public string Problem { get; } = problem;

    public string Advice { get; } = advice;
}

/// <summary>The model took its inputs and failed on them; its own error, of one line.</summary>
/// <param name="isCertain">Whether it would fail on any values of those types and sizes.</param>
public sealed class ModelFailureException(string message, Exception inner, bool isCertain = false) : Exception(message, inner)
{
    public bool IsCertain { get; } = isCertain;
}
