using AiDc.Api;

namespace AiDc.Trainer;

/// <summary>A setting is wrong or contradicts another one. The message names the setting and how to fix it.</summary>
public sealed class ConfigurationException(string message, Exception? inner = null) : TrainerException(message, ExitCodes.Configuration, inner);
