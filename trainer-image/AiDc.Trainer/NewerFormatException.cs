using AiDc.Api;

namespace AiDc.Trainer;

/// <summary>A file is whole and was written by a program that is newer than this one: it is neither damaged nor for this one to replace.</summary>
public sealed class NewerFormatException(string file, int version) : TrainerException(
    $"{file}: format version {version} is newer than this trainer. Use the image that wrote it, or a newer one, or another folder", ExitCodes.Configuration);
