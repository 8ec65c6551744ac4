namespace AiDc.Api.Schema;

/// <summary>The kinds of strings that have a grammar of their own.</summary>
public enum StringFormat
{
    /// <summary>A duration: <see cref="Values.GoDuration"/>.</summary>
    Duration,

    /// <summary>A duration above zero.</summary>
    PositiveDuration,

    /// <summary>A Kubernetes quantity such as 500m or 4Gi; a plain number is accepted as well.</summary>
    Quantity,

    /// <summary>Where files are: <see cref="Values.StorageUri"/>.</summary>
    StorageUri,

    /// <summary>Where a model is: <see cref="Values.ModelUri"/>.</summary>
    ModelUri,

    /// <summary>A SHA-256 sum: 64 hexadecimal digits.</summary>
    Sha256,
}
